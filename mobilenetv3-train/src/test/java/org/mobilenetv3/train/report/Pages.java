package org.mobilenetv3.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** Reads pages with an XML parser, which is stricter than a browser. */
public final class Pages {

    private Pages() {}

    public static Document parse(Path page) throws IOException {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(Files.readString(page))));
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException(page + " is not well-formed: " + e.getMessage(), e);
        }
    }

    /** Requires that nothing on the page makes a browser load anything, and no scripts. */
    public static void requireSelfContained(Document page) {
        for (Element element : elements(page, "*")) {
            assertThat(element.getTagName()).isNotIn("script", "link", "iframe", "object", "embed");
            for (String name : List.of("src", "href", "xlink:href", "srcset", "poster", "data")) {
                if (element.hasAttribute(name)) {
                    assertThat(element.getAttribute(name))
                            .matches("data:image/(png|jpeg);base64,[\\w+/=]+");
                }
            }
            if (element.hasAttribute("clip-path")) {
                assertThat(element.getAttribute("clip-path")).startsWith("url(#");
            }
        }
        String style = elements(page, "style").get(0).getTextContent();
        assertThat(style).doesNotContain("url(").doesNotContain("@import");
    }

    public static List<Element> elements(Document page, String name) {
        NodeList nodes = page.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    public static List<String> texts(Document page, String name) {
        return elements(page, name).stream().map(Element::getTextContent).toList();
    }
}
