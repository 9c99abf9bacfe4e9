package org.mobilenetv3.serve.http;

import io.javalin.http.Context;
import org.mobilenetv3.detection.Detection;

/**
 * What a caller of {@code /predict} asks for. What the net's task has no use for is not looked at.
 *
 * @param topK classes of an image
 * @param threshold the least score of an object
 * @param png whether the answer is to be the mask itself
 * @param mask whether the answer in JSON is to have the mask, too
 */
record PredictWishes(int topK, double threshold, boolean png, boolean mask) {

    private static final String PNG = "image/png";

    /**
     * Reads a request's parameters.
     *
     * @throws HttpError 400 if one is wrong
     */
    static PredictWishes of(Context context) {
        String format = context.queryParam("format");
        if (format != null && !format.equals("json") && !format.equals("png")) {
            throw new HttpError(400, "format must be json or png.");
        }
        String mask = context.queryParam("mask");
        if (mask != null && !mask.equals("true") && !mask.equals("false")) {
            throw new HttpError(400, "mask must be true or false.");
        }
        String accept = context.header("Accept");
        boolean png =
                format == null
                        ? accept != null && accept.strip().equalsIgnoreCase(PNG)
                        : format.equals("png");
        return new PredictWishes(topK(context), threshold(context), png, "true".equals(mask));
    }

    private static int topK(Context context) {
        String asked = context.queryParam("top_k");
        if (asked == null) {
            return 3;
        }
        if (!asked.matches("[1-9]\\d{0,5}")) {
            throw new HttpError(400, "top_k must be a whole number of at least 1.");
        }
        return Integer.parseInt(asked);
    }

    private static double threshold(Context context) {
        String asked = context.queryParam("threshold");
        if (asked == null) {
            return Detection.THRESHOLD;
        }
        if (!asked.matches("0(\\.\\d{0,17})?|1(\\.0{0,17})?|\\.\\d{1,17}")) {
            throw new HttpError(400, "threshold must be a number from 0 to 1, for instance 0.3.");
        }
        return Double.parseDouble(asked);
    }
}
