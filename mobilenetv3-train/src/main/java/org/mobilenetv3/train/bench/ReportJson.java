package org.mobilenetv3.train.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import org.mobilenetv3.train.bench.CaseResult.Absence;
import org.mobilenetv3.train.bench.CaseResult.Row;

/** A {@link Report} as JSON. */
final class ReportJson {

    private ReportJson() {}

    static JsonObject of(Report report) {
        JsonObject json = new JsonObject();
        json.addProperty("machine", report.machine());
        json.addProperty("threads", report.threads());
        json.addProperty("repetitions", report.repetitions());
        JsonArray cases = new JsonArray();
        report.cases().forEach(x -> cases.add(of(x)));
        json.add("cases", cases);
        return json;
    }

    private static JsonObject of(CaseResult result) {
        JsonObject json = new JsonObject();
        json.addProperty("case", result.work().name());
        JsonArray rows = new JsonArray();
        result.rows().forEach(x -> rows.add(of(result, x)));
        json.add("contestants", rows);
        JsonArray absences = new JsonArray();
        result.absences().forEach(x -> absences.add(of(x)));
        json.add("absent", absences);
        JsonArray goals = new JsonArray();
        result.goals().forEach(goals::add);
        json.add("goals", goals);
        return json;
    }

    private static JsonObject of(CaseResult result, Row row) {
        JsonObject json = new JsonObject();
        json.addProperty("contestant", row.implementation());
        json.addProperty("library", row.engine());
        json.addProperty("ours", row.ours());
        json.addProperty("fullPrecision", row.full());
        json.addProperty("sameNet", row.sameNet());
        json.addProperty("stepsPerRepetition", row.stepsPerRepetition());
        json.addProperty("medianMs", row.timings().median());
        json.addProperty("minMs", row.timings().min());
        json.addProperty("maxMs", row.timings().max());
        json.addProperty("imagesPerSecond", 1000 * result.work().batch() / row.timings().median());
        result.ratio(row).ifPresent(x -> json.addProperty("timeOverOurs", x));
        JsonArray all = new JsonArray();
        row.timings().milliseconds().forEach(all::add);
        json.add("ms", all);
        return json;
    }

    private static JsonObject of(Absence absence) {
        JsonObject json = new JsonObject();
        json.addProperty("contestant", absence.implementation());
        json.addProperty("library", absence.engine());
        json.addProperty("failed", absence.failed());
        json.addProperty("reason", absence.reason());
        return json;
    }
}
