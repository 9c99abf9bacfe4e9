package org.mobilenetv3.dist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * What Maven Central asks of a bundle (central.sonatype.org, "Requirements"), less the signatures:
 * each artifact with its sources, Javadoc, POM and true checksums; each POM complete, in the
 * namespace, and without anything that Central does not have.
 */
final class CentralRules {

    private static final Map<String, String> CHECKSUMS =
            Map.of(".md5", "MD5", ".sha1", "SHA-1", ".sha256", "SHA-256");

    private static final List<String> WANTED =
            List.of(
                    "name",
                    "description",
                    "url",
                    "licenses/license/name",
                    "licenses/license/url",
                    "developers/developer/name",
                    "scm/connection",
                    "scm/developerConnection",
                    "scm/url");

    private final Path repository;
    private final String namespace;
    private final List<String> broken = new ArrayList<>();

    private CentralRules(Path repository, String namespace) {
        this.repository = repository;
        this.namespace = namespace;
    }

    /** Returns a sentence for each rule that is broken. */
    static List<String> broken(Path repository, String namespace) throws IOException {
        CentralRules rules = new CentralRules(repository, namespace);
        try (Stream<Path> files = Files.walk(repository).filter(Files::isRegularFile)) {
            for (Path file : files.sorted().toList()) {
                rules.check(file);
            }
        }
        return rules.broken;
    }

    private void check(Path file) throws IOException {
        String name = repository.relativize(file).toString().replace('\\', '/');
        if (!name.startsWith(namespace.replace('.', '/') + "/")) {
            broken.add(name + " is outside the namespace " + namespace + ".");
        }
        if (name.endsWith(".jar") || name.endsWith(".pom")) {
            for (Map.Entry<String, String> checksum : CHECKSUMS.entrySet()) {
                checkSum(file, name, checksum.getKey(), checksum.getValue());
            }
        }
        if (name.endsWith(".pom")) {
            try {
                checkPom(file, name);
            } catch (SAXException | ParserConfigurationException | XPathExpressionException e) {
                throw new IOException(e);
            }
        }
    }

    private void checkSum(Path file, String name, String ending, String algorithm)
            throws IOException {
        Path sum = file.resolveSibling(file.getFileName() + ending);
        if (Files.notExists(sum)) {
            broken.add(name + ending + " is missing.");
        } else if (!Files.readString(sum).strip().equals(Downloads.digest(algorithm, file))) {
            broken.add(name + ending + " is not its checksum.");
        }
    }

    private void checkPom(Path file, String name)
            throws IOException,
                    SAXException,
                    ParserConfigurationException,
                    XPathExpressionException {
        Document pom =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
        XPath path = XPathFactory.newInstance().newXPath();
        for (String wanted : WANTED) {
            if (path.evaluate("/project/" + wanted, pom).isBlank()) {
                broken.add(name + " has no " + wanted + ".");
            }
        }
        String version = path.evaluate("/project/version", pom);
        String artifact = path.evaluate("/project/artifactId", pom);
        String stem = artifact + "-" + version;
        if (!name.equals(
                        namespace.replace('.', '/')
                                + "/"
                                + artifact
                                + "/"
                                + version
                                + "/"
                                + stem
                                + ".pom")
                || !path.evaluate("/project/groupId", pom).equals(namespace)) {
            broken.add(name + " is another artifact's POM.");
        }
        if (!path.evaluate("/project/packaging", pom).equals("pom")) {
            for (String ending : List.of(".jar", "-sources.jar", "-javadoc.jar")) {
                if (Files.notExists(file.resolveSibling(stem + ending))) {
                    broken.add(name + " has no " + stem + ending + ".");
                }
            }
        }
        NodeList versions =
                (NodeList)
                        path.evaluate(
                                "//dependency[not(groupId='"
                                        + namespace
                                        + "')]/version"
                                        + " | //parent/version | //repository",
                                pom,
                                XPathConstants.NODESET);
        for (int i = 0; i < versions.getLength(); i++) {
            String other = versions.item(i).getTextContent();
            if (!versions.item(i).getNodeName().equals("version") || other.endsWith("-SNAPSHOT")) {
                broken.add(name + " needs " + other.strip() + ", which Central does not have.");
            }
        }
        Matcher properties = Pattern.compile("\\$\\{([^}]+)}").matcher(Files.readString(file));
        while (properties.find()) {
            String property = properties.group(1);
            if (path.evaluate("/project/properties/*[name()='" + property + "']", pom).isBlank()
                    && !property.equals("project.version")) {
                broken.add(name + " does not define " + property + ".");
            }
        }
    }
}
