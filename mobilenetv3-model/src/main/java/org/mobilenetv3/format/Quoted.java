package org.mobilenetv3.format;

/** Names from a file, as errors show them. */
public final class Quoted {

    private static final int LONGEST = 100;

    private Quoted() {}

    /**
     * Puts a name in quotes.
     *
     * @param name from a file
     * @return without line breaks, at most a hundred letters
     */
    public static String name(String name) {
        String shown = name.length() > LONGEST ? name.substring(0, LONGEST) + "…" : name;
        return "'" + shown.replaceAll("\\p{Cntrl}", "?") + "'";
    }
}
