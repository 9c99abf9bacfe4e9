package org.mobilenetv3.train.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
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
 * Curves over epochs, steps or recall.
 *
 * @param file name of the figure's files, without extension
 * @param title what is shown, with its unit
 * @param axis what is counted from left to right
 * @param lines the curves, at most {@link Palette#SERIES}' number in different colors
 * @param format how values of the y axis are written
 * @param fromZero whether the y axis starts at zero
 * @param reach what the y axis reaches at least
 */
public record Chart(
        String file,
        String title,
        String axis,
        List<Line> lines,
        Function<Double, String> format,
        boolean fromZero,
        double reach) {

    /** Text is legible where the figure fills a phone, about 360 pixels wide. */
    private static final int WIDTH = 400;

    private static final int HEIGHT = 256;

    /** XChart leaves no room for the descenders of the last line. */
    private static final int BOTTOM = 4;

    /** With more points markers would hide the line. */
    private static final int MAX_MARKERS = 40;

    /** So many epochs get a tick each. */
    private static final int MAX_TICKS = 10;

    static final Marker[] MARKERS = {
        SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.DIAMOND, SeriesMarkers.TRIANGLE_UP
    };

    /** A chart whose y axis reaches as far as its values. */
    public Chart(
            String file,
            String title,
            String axis,
            List<Line> lines,
            Function<Double, String> format,
            boolean fromZero) {
        this(file, title, axis, lines, format, fromZero, Double.NEGATIVE_INFINITY);
    }

    /**
     * One curve; values that are not finite are left out.
     *
     * @param name in the legend
     * @param epochs x
     * @param values y
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Line(String name, double[] epochs, double[] values) {}

    /**
     * Draws the chart.
     *
     * @return the drawing; Java needs fonts for it
     */
    public Figure draw() {
        XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).xAxisTitle(axis).build();
        style(chart.getStyler(), format);
        for (int i = 0; i < lines.size(); i++) {
            add(chart, i, lines.get(i));
        }
        range(chart.getStyler());
        List<Legend.Entry> entries = lines.size() > 1 ? legend() : List.of();
        return framed(file, title, chart, entries);
    }

    /** Puts title and legend above what XChart draws. */
    static Figure framed(String file, String title, XYChart chart, List<Legend.Entry> entries) {
        int width = chart.getWidth();
        int height = chart.getHeight();
        Legend legend = new Legend(title, entries, width);
        int head = legend.height();
        return Figure.of(
                file,
                title,
                width,
                height + head + BOTTOM,
                g -> {
                    legend.paint(g, height + BOTTOM);
                    g.translate(0, head);
                    chart.paint(g, width, height);
                });
    }

    /** The axes' ends; XChart's own are unusable where there is but one epoch or one value. */
    private void range(XYStyler style) {
        double last =
                lines.stream().flatMapToDouble(l -> Arrays.stream(l.epochs())).max().orElse(1);
        if (last >= 100) {
            // XChart sets ticks as close for three digits as for two.
            style.setAxisTickLabelsFont(style.getAxisTickLabelsFont().deriveFont(11f));
        }
        // From 0 XChart finds round ticks, from 1 it counts 1, 16, 31.
        style.setXAxisMin(last > MAX_TICKS ? 0.0 : 1.0).setXAxisMax(Math.max(2, last));
        DoubleSummaryStatistics values =
                lines.stream()
                        .flatMapToDouble(l -> Arrays.stream(l.values()))
                        .filter(Double::isFinite)
                        .summaryStatistics();
        if (values.getCount() == 0) {
            style.setYAxisMin(0.0).setYAxisMax(1.0);
            return;
        }
        double low = fromZero ? 0 : values.getMin();
        double high = Math.max(reach, values.getMax());
        double span = high - low;
        double margin = 0.06 * (span > 0 ? span : Math.max(1e-6, Math.abs(high)));
        style.setYAxisMin(low >= 0 ? Math.max(0, low - margin) : low - margin)
                .setYAxisMax(high + margin);
    }

    private List<Legend.Entry> legend() {
        List<Legend.Entry> entries = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            entries.add(new Legend.Entry(lines.get(i).name(), color(i), stroke(i)));
        }
        return entries;
    }

    static Color color(int index) {
        return Palette.SERIES.get(index % Palette.SERIES.size());
    }

    static BasicStroke stroke(int index) {
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
        series.setLineColor(color(index));
        series.setLineStyle(stroke(index));
        series.setMarker(
                values.length > MAX_MARKERS ? SeriesMarkers.NONE : MARKERS[index % MARKERS.length]);
        series.setMarkerColor(color(index));
    }

    static void style(XYStyler style, Function<Double, String> format) {
        Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
        style.setBaseFont(font);
        style.setChartBackgroundColor(Palette.PAPER)
                .setPlotBackgroundColor(Palette.PAPER)
                .setPlotBorderVisible(false)
                .setChartFontColor(Palette.INK)
                .setChartTitleVisible(false)
                .setChartPadding(4)
                .setLegendVisible(false)
                .setMarkerSize(6)
                .setXAxisTitleColor(Palette.QUIET);
        style.setAxisTickLabelsFont(font)
                .setAxisTickLabelsColor(Palette.QUIET)
                .setAxisTickMarksColor(Palette.GRID)
                .setAxisTitleFont(font)
                .setAxisTitlePadding(5)
                .setPlotGridLinesColor(Palette.GRID)
                .setPlotGridLinesStroke(new BasicStroke(1f))
                .setPlotGridVerticalLinesVisible(false)
                .setAxisTicksLineVisible(false)
                .setYAxisTitleVisible(false)
                .setYAxisLabelAlignment(TextAlignment.Right)
                .setPlotMargin(0)
                .setXAxisTickLabelsFormattingFunction(
                        x -> x == Math.rint(x) ? String.valueOf(Math.round(x)) : " ")
                .setYAxisTickLabelsFormattingFunction(format);
    }
}
