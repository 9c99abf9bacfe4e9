package org.mobilenetv3.export.int8;

import org.mobilenetv3.export.ExportReport;

/**
 * An int8 export that was checked and put in place.
 *
 * @param written the file; it has no difference, for its logits are not the package's
 * @param floatBytes size of the same export in float
 * @param calibrated number of images that ranges were found with
 * @param check what both nets answered
 */
public record Int8Report(ExportReport written, long floatBytes, int calibrated, Check check) {

    /**
     * How an int8 net does beside the float net, on images that it was not calibrated with.
     *
     * @param images their number
     * @param labeled whether their classes are known; otherwise no net is right on any
     * @param floatRight on how many the float net is right
     * @param int8Right on how many the int8 net is
     * @param same for how many both answer the same class
     * @param speed the float net's time over the int8 net's, turn by turn here; above 1 if int8 is
     *     faster
     */
    public record Check(
            int images, boolean labeled, int floatRight, int int8Right, int same, double speed) {

        /**
         * Returns what int8 costs: the loss of accuracy, or, where classes are not known, the share
         * of changed answers, which the loss cannot exceed.
         *
         * @return in percentage points; negative if int8 is right more often
         */
        public double drop() {
            return percent(labeled ? floatRight - int8Right : images - same);
        }

        /**
         * Returns a share of the images.
         *
         * @param count a number of them
         * @return in per cent
         */
        public double percent(int count) {
            return 100.0 * count / images;
        }
    }
}
