import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.TextLayout;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/**
 * Draws lines of text, upright and turned upside down, as folders {@code train|val|test/0|180}: a
 * small task for PP-OCR's text-direction classifier. They are faint, tilted and noisy, or plain.
 *
 * <pre>java bench/TextFolders.java DIR TRAIN VAL TEST faint|plain     # images of each class</pre>
 */
class TextFolders {

    private static final String LETTERS = "ABCDEFGHJKLMPQRTUVWYabcdefghijklmpqrtuvwy2345679";

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]);
        boolean faint = "faint".equals(args[4]);
        Random random = new Random(7);
        List<String> parts = List.of("train", "val", "test");
        for (int part = 0; part < parts.size(); part++) {
            for (int i = 0; i < Integer.parseInt(args[1 + part]); i++) {
                for (String turn : List.of("0", "180")) {
                    Path folder = root.resolve(parts.get(part)).resolve(turn);
                    Files.createDirectories(folder);
                    BufferedImage line = line(random, faint);
                    ImageIO.write(
                            "0".equals(turn) ? line : turned(line),
                            "png",
                            folder.resolve("%04d.png".formatted(i)).toFile());
                }
            }
        }
    }

    private static BufferedImage line(Random random, boolean faint) {
        StringBuilder text = new StringBuilder();
        for (int i = 4 + random.nextInt(10); i > 0; i--) {
            boolean space = text.length() > 2 && random.nextInt(6) == 0;
            text.append(space ? ' ' : LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        String family = List.of(Font.SANS_SERIF, Font.SERIF, Font.MONOSPACED).get(random.nextInt(3));
        Font font = new Font(family, random.nextInt(4), 26 + random.nextInt(14));
        BufferedImage scratch = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        TextLayout layout =
                new TextLayout(
                        text.toString(), font, scratch.createGraphics().getFontRenderContext());
        Rectangle2D bounds = layout.getBounds();
        int width = (int) bounds.getWidth() + 12;
        int height = (int) bounds.getHeight() + (faint ? 30 : 12);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int paper = faint ? 90 + random.nextInt(80) : 235;
        int ink = faint ? paper + (random.nextBoolean() ? 60 : -60) : 20;
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setColor(new Color(paper, paper, paper));
        g.fillRect(0, 0, width, height);
        g.setColor(new Color(ink, ink, ink));
        if (faint) {
            g.rotate(Math.toRadians(random.nextGaussian() * 4), width / 2.0, height / 2.0);
        }
        layout.draw(
                g,
                (float) (width - bounds.getWidth()) / 2 - (float) bounds.getX(),
                (float) (height - bounds.getHeight()) / 2 - (float) bounds.getY());
        g.dispose();
        for (int i = 0; faint && i < width * height; i++) {
            int gray = (image.getRGB(i % width, i / width) & 0xFF) + (int) (18 * random.nextGaussian());
            int clipped = Math.max(0, Math.min(255, gray));
            image.setRGB(i % width, i / width, clipped * 0x010101);
        }
        return image;
    }

    private static BufferedImage turned(BufferedImage image) {
        BufferedImage turned =
                new BufferedImage(image.getWidth(), image.getHeight(), image.getType());
        AffineTransform half =
                AffineTransform.getRotateInstance(
                        Math.PI, image.getWidth() / 2.0, image.getHeight() / 2.0);
        turned.createGraphics().drawImage(image, half, null);
        return turned;
    }
}
