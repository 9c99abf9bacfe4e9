package org.mobilenetv3.train.data.annotation.format;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.mobilenetv3.detection.Box;

/**
 * A file of Pascal VOC's annotations. XML that declares anything, as entities, is refused before it
 * is read: nothing is ever fetched or expanded.
 *
 * @param image the image's name, null if there is none
 * @param height of the annotated image, 0 if unknown
 * @param width of the annotated image, 0 if unknown
 * @param objects in the file's order
 */
record VocFile(String image, int height, int width, List<AnnotatedObject> objects) {
    private static final long LARGEST = 1 << 24;
    private static final int DEEPEST = 32;
    private static final int LONGEST = 1 << 12;
    private static final int HEAD = 200;
    private static final Pattern ENCODING =
            Pattern.compile("<\\?xml[^>]*encoding\\s*=\\s*[\"']([\\w.-]+)");

    /**
     * Reads a file.
     *
     * @param flaws counts boxes that are not four numbers
     * @throws IOException in one sentence, if it is no such file
     */
    static VocFile read(Path file, String name, Flaws flaws) throws IOException {
        if (Files.size(file) > LARGEST) {
            throw new IOException(
                    "'%s' is too large for the objects of one image.".formatted(file));
        }
        try {
            XMLStreamReader xml = parser(Files.readAllBytes(file));
            try {
                return new Reading(xml, name, flaws).read();
            } finally {
                xml.close();
            }
        } catch (CharacterCodingException e) {
            throw new IOException(
                    "'%s' is no text in UTF-8, nor does it name another encoding.".formatted(file),
                    e);
        } catch (XMLStreamException | RuntimeException e) { // of the JDK's parser
            String reason = e.getMessage() == null ? "" : e.getMessage().replaceAll("\\s+", " ");
            throw new IOException(
                    "'%s' is damaged or no XML as Pascal VOC's (%s)."
                            .formatted(file, Flaws.printable(reason)),
                    e);
        }
    }

    /** UTF-8 is decoded here: the JDK's parser tells System.err of bytes that are none. */
    private static XMLStreamReader parser(byte[] bytes)
            throws XMLStreamException, CharacterCodingException {
        String head =
                new String(bytes, 0, Math.min(bytes.length, HEAD), StandardCharsets.ISO_8859_1);
        Matcher named = ENCODING.matcher(head);
        boolean other = named.find() && !named.group(1).equalsIgnoreCase("UTF-8");
        if (other || head.startsWith("\u00FE\u00FF") || head.startsWith("\u00FF\u00FE")) {
            return factory().createXMLStreamReader(new ByteArrayInputStream(bytes));
        }
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        return factory()
                .createXMLStreamReader(
                        new StringReader(text.startsWith("\uFEFF") ? text.substring(1) : text));
    }

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setXMLResolver(
                (publicId, systemId, base, namespace) -> {
                    throw new XMLStreamException("it refers to another file");
                });
        return factory;
    }

    /** Walks through the elements once. */
    private static final class Reading {
        private final XMLStreamReader xml;
        private final String name;
        private final Flaws flaws;
        private final Deque<String> open = new ArrayDeque<>();
        private final StringBuilder text = new StringBuilder();
        private final List<AnnotatedObject> objects = new ArrayList<>();
        private Map<String, String> object = new HashMap<>();
        private String path = "";
        private String image;
        private int height;
        private int width;

        Reading(XMLStreamReader xml, String name, Flaws flaws) {
            this.xml = xml;
            this.name = name;
            this.flaws = flaws;
        }

        VocFile read() throws XMLStreamException {
            while (xml.hasNext()) {
                switch (xml.next()) {
                    case XMLStreamConstants.START_ELEMENT -> begin(xml.getLocalName());
                    case XMLStreamConstants.END_ELEMENT -> end();
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                        if (text.length() < LONGEST) {
                            text.append(xml.getText(), 0, Math.min(LONGEST, xml.getTextLength()));
                        }
                    }
                    case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                            throw new XMLStreamException("it declares or uses entities");
                    default -> {
                        // comments and the like
                    }
                }
            }
            return new VocFile(image, height, width, List.copyOf(objects));
        }

        private void begin(String element) throws XMLStreamException {
            if (open.size() == DEEPEST) {
                throw new XMLStreamException("its elements are nested too deeply");
            }
            if (open.isEmpty() && !element.equals("annotation")) {
                throw new XMLStreamException("it begins with " + element + ", not annotation");
            }
            open.push(path);
            path = path.isEmpty() ? element : path + "/" + element;
            text.setLength(0);
            if (path.equals("annotation/object")) {
                object = new HashMap<>();
            }
        }

        private void end() {
            String value = text.toString().strip();
            switch (path) {
                case "annotation/filename" -> image = value;
                case "annotation/size/height" -> height = size(value);
                case "annotation/size/width" -> width = size(value);
                case "annotation/object/name",
                        "annotation/object/difficult",
                        "annotation/object/bndbox/xmin",
                        "annotation/object/bndbox/ymin",
                        "annotation/object/bndbox/xmax",
                        "annotation/object/bndbox/ymax" ->
                        object.put(path.substring(path.lastIndexOf('/') + 1), value);
                case "annotation/object" -> addObject();
                default -> {
                    // a part of a body, a pose, who made the file
                }
            }
            text.setLength(0);
            path = open.pop();
        }

        /** Corners count from 1, and the last pixel belongs to the box. */
        private void addObject() {
            if (!object.containsKey("xmin") && !object.containsKey("ymax")) {
                flaws.add(Flaw.BOX_MISSING, name);
                return;
            }
            Box box =
                    new Box(number("xmin") - 1, number("ymin") - 1, number("xmax"), number("ymax"));
            if (!Double.isFinite(box.width() + box.height())) {
                flaws.add(Flaw.BOX_BROKEN, name);
                return;
            }
            String label = object.get("name");
            objects.add(
                    new AnnotatedObject(
                            label == null || label.isEmpty() ? null : ClassNames.line(label, ""),
                            box,
                            null,
                            VocFile.number(object.get("difficult")) > 0));
        }

        private double number(String key) {
            return VocFile.number(object.get(key));
        }
    }

    private static double number(String text) {
        try {
            return text == null ? Double.NaN : Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private static int size(String text) {
        double value = number(text);
        return value >= 1 && value <= Integer.MAX_VALUE ? (int) value : 0;
    }
}
