package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobilenetv3.serve.TestPackage;
import org.mobilenetv3.serve.http.ServeSettings.Tls;

class TlsTest {

    private static final String PASSWORD = "changeit";

    @TempDir private Path temporary;

    @Test
    void aKeystoreMakesItHttps() throws Exception {
        Path file = keystore();
        Path model = TestPackage.save(temporary.resolve("net"), 3);
        Tls tls = Tls.open(file, PASSWORD);
        try (TestServer server = TestServer.start(Map.of("net", model), setup -> setup.with(tls))) {
            KeyStore known = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(known);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            HttpClient client = HttpClient.newBuilder().sslContext(context).build();
            HttpRequest request =
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "https://localhost:"
                                                    + server.port()
                                                    + "/v2/models/net"))
                            .build();
            assertThat(client.send(request, BodyHandlers.ofString()).body()).contains("logits");
        }
    }

    @Test
    void aKeystoreThatCannotBeOpenedIsNamed() throws Exception {
        Path junk = Files.writeString(temporary.resolve("junk.p12"), "junk");
        assertThatThrownBy(() -> Tls.open(junk, PASSWORD))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("junk.p12 is not a PKCS12 or JKS keystore");
        Path good = keystore();
        assertThatThrownBy(() -> Tls.open(good, "wrong"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("password");
    }

    private Path keystore() throws IOException, InterruptedException {
        Path file = temporary.resolve("keys.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=dns:localhost",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                PASSWORD)
                        .redirectErrorStream(true)
                        .start();
        keytool.getInputStream().readAllBytes();
        assertThat(keytool.waitFor()).isZero();
        return file;
    }
}
