package org.mobilenetv3.train.search;

import java.util.List;
import java.util.Map;
import org.mobilenetv3.Architecture;
import org.mobilenetv3.train.run.RunResult;

/**
 * What a search found.
 *
 * @param settings of the search
 * @param scored all candidates
 * @param winner the best within the limit
 * @param architecture of the winner
 * @param tested the winner's test, after it learned alone
 * @param seconds wall time of each stage
 */
public record SearchResult(
        SearchSettings settings,
        List<Scored> scored,
        Scored winner,
        Architecture architecture,
        RunResult tested,
        Map<String, Double> seconds) {

    /**
     * Finds the candidates that no cheaper one equals.
     *
     * @return cheapest first
     */
    public List<Scored> front() {
        return Evolution.front(scored, false);
    }

    /**
     * Finds those of the candidates drawn at random that no cheaper one equals.
     *
     * @return cheapest first; none if none were drawn
     */
    public List<Scored> randomFront() {
        return Evolution.front(scored, true);
    }

    /**
     * Finds the best within the limit of the candidates drawn at random.
     *
     * @return it, or null if none was drawn
     */
    public Scored randomWinner() {
        return Evolution.winner(scored, settings.limit().value(), true);
    }
}
