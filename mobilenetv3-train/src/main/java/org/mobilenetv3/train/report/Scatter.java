package org.mobilenetv3.train.report;

import java.awt.BasicStroke;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;

/**
 * Points, such as what nets cost and how good they are.
 *
 * @param file name of the figure's files, without extension
 * @param title what is shown, with its unit
 * @param axis what is counted from left to right, with its unit
 * @param clouds the points, in as many colors
 * @param format how values of the y axis are written
 */
public record Scatter(
        String file,
        String title,
        String axis,
        List<Cloud> clouds,
        Function<Double, String> format) {

    private static final int WIDTH = 560;
    private static final int HEIGHT = 360;
    private static final double MARGIN = 0.05;

    /**
     * Points of one kind.
     *
     * @param name in the legend
     * @param x values
     * @param y values, as many
     * @param joined whether a line joins them
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Cloud(String name, double[] x, double[] y, boolean joined) {}

    /**
     * Draws the points.
     *
     * @return the drawing; Java needs fonts for it
     */
    public Figure draw() {
        XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).xAxisTitle(axis).build();
        XYStyler style = chart.getStyler();
        Chart.style(style, format);
        style.setXAxisTickLabelsFormattingFunction(Curves::plain);
        List<Legend.Entry> entries = new ArrayList<>();
        for (int i = 0; i < clouds.size(); i++) {
            Cloud cloud = clouds.get(i);
            XYSeries series = chart.addSeries(i + " " + cloud.name(), cloud.x(), cloud.y());
            series.setMarker(Chart.MARKERS[i % Chart.MARKERS.length]);
            series.setMarkerColor(Chart.color(i));
            series.setLineColor(Chart.color(i));
            series.setLineStyle(cloud.joined() ? Chart.stroke(i) : new BasicStroke(0));
            if (!cloud.joined()) {
                series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
            }
            entries.add(new Legend.Entry(cloud.name(), Chart.color(i), Chart.stroke(i)));
        }
        DoubleSummaryStatistics x = range(clouds.stream().map(Cloud::x).toList());
        DoubleSummaryStatistics y = range(clouds.stream().map(Cloud::y).toList());
        double xMargin = MARGIN * Math.max(1e-9, x.getMax() - x.getMin());
        double yMargin = MARGIN * Math.max(1e-9, y.getMax() - y.getMin());
        style.setXAxisMin(Math.max(0, x.getMin() - xMargin)).setXAxisMax(x.getMax() + xMargin);
        style.setYAxisMin(y.getMin() - yMargin).setYAxisMax(y.getMax() + yMargin);
        return Chart.framed(file, title, chart, entries);
    }

    private static DoubleSummaryStatistics range(List<double[]> values) {
        return values.stream().flatMapToDouble(DoubleStream::of).summaryStatistics();
    }
}
