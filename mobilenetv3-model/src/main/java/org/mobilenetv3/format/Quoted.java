package org.mobilenetv3.format;

/** Names from a file, as errors show them. */
public final class Quoted {

    private static final int LONGEST = 100;

    private Quoted() {}

    /** Returns a name in quotes, without line breaks, cut after a hundred letters. */
    public static String name(String name) {
        String shown = name.length() > LONGEST ? name.substring(0, LONGEST) + "…" : name;
        return "'" + shown.replaceAll("\\p{Cntrl}", "?") + "'";
    }
}
