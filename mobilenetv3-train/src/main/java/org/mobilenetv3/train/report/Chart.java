package org.mobilenetv3.train.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.AxesChartStyler.TextAlignment;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Curves over the epochs.
 *
 * @param file name of the figure's files, without extension
 * @param title what is shown, with its unit
 * @param lines the curves, at most {@link Palette#SERIES}' number in different colours
 * @param format how values of the y axis are written
 * @param fromZero whether the y axis starts at zero
 */
record Chart(
        String file,
        String title,
        List<Line> lines,
        Function<Double, String> format,
        boolean fromZero) {

    /** Text is legible where the figure fills a phone, about 360 pixels wide. */
    private static final int WIDTH = 400;

    private static final int HEIGHT = 250;

    /** With more points markers would hide the line. */
    private static final int MOST_MARKERS = 40;

    private static final Marker[] MARKERS = {
        SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.DIAMOND, SeriesMarkers.TRIANGLE_UP
    };

    /**
     * One curve; values that are not finite are left out.
     *
     * @param name in the legend
     * @param epochs x
     * @param values y
     */
    record Line(String name, double[] epochs, double[] values) {}

    /** Draws the chart. */
    Figure draw() {
        XYChart chart =
                new XYChartBuilder().width(WIDTH).height(HEIGHT).xAxisTitle("epoch").build();
        style(chart.getStyler());
        double last = 1;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            add(chart, i, line);
            for (int e = 0; e < line.epochs().length; e++) {
                last = Math.max(last, line.epochs()[e]);
                most = Math.max(most, line.values()[e]);
            }
        }
        // A single epoch stands in the middle.
        chart.getStyler().setXAxisMin(last == 1 ? 0.0 : 1.0).setXAxisMax(last == 1 ? 2.0 : last);
        if (fromZero && most > 0) {
            chart.getStyler().setYAxisMin(0.0).setYAxisMax(most * 1.08);
        }
        List<Legend.Entry> entries = lines.size() > 1 ? legend() : List.of();
        Legend legend = new Legend(title, entries, WIDTH);
        int head = legend.height();
        return Figure.of(
                file,
                title,
                WIDTH,
                HEIGHT + head,
                g -> {
                    legend.paint(g);
                    g.translate(0, head);
                    chart.paint(g, WIDTH, HEIGHT);
                });
    }

    private List<Legend.Entry> legend() {
        List<Legend.Entry> entries = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            entries.add(new Legend.Entry(lines.get(i).name(), colour(i), stroke(i)));
        }
        return entries;
    }

    private static Color colour(int index) {
        return Palette.SERIES.get(index % Palette.SERIES.size());
    }

    private static BasicStroke stroke(int index) {
        boolean again = index >= Palette.SERIES.size();
        float[] dashes = again ? new float[] {5, 5} : null;
        return new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 10, dashes, 0);
    }

    private void add(XYChart chart, int index, Line line) {
        double[] values = line.values().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = Double.isFinite(values[i]) ? values[i] : Double.NaN;
        }
        // XChart knows series by name, but two runs may have one.
        XYSeries series = chart.addSeries(index + " " + line.name(), line.epochs(), values);
        series.setLineColor(colour(index));
        series.setLineStyle(stroke(index));
        series.setMarker(
                values.length > MOST_MARKERS
                        ? SeriesMarkers.NONE
                        : MARKERS[index % MARKERS.length]);
        series.setMarkerColor(colour(index));
    }

    private void style(XYStyler style) {
        Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
        style.setBaseFont(font);
        style.setChartBackgroundColor(Palette.PAPER)
                .setPlotBackgroundColor(Palette.PAPER)
                .setPlotBorderVisible(false)
                .setChartFontColor(Palette.INK)
                .setChartTitleVisible(false)
                .setChartPadding(4)
                .setLegendVisible(false)
                .setMarkerSize(6);
        style.setAxisTickLabelsFont(font)
                .setAxisTickLabelsColor(Palette.QUIET)
                .setAxisTickMarksColor(Palette.GRID)
                .setAxisTitleFont(font)
                .setAxisTitlePadding(2)
                .setPlotGridLinesColor(Palette.GRID)
                .setPlotGridLinesStroke(new BasicStroke(1f))
                .setPlotGridVerticalLinesVisible(false)
                .setAxisTicksLineVisible(false)
                .setYAxisTitleVisible(false)
                .setYAxisLabelAlignment(TextAlignment.Right)
                .setPlotMargin(0)
                .setXAxisTickLabelsFormattingFunction(
                        x -> x == Math.rint(x) && x >= 1 ? String.valueOf(Math.round(x)) : " ")
                .setYAxisTickLabelsFormattingFunction(format);
    }
}
