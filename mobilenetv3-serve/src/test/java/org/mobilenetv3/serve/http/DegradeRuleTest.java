package org.mobilenetv3.serve.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DegradeRuleTest {

    private static final long MS = 1_000_000;
    private static final long SECOND = 1000 * MS;

    /** Nets of 10, 5 and 2 ms, two workers, 50 ms to wait. */
    private static DegradeRule rule() {
        return new DegradeRule(new double[] {10 * MS, 5 * MS, 2 * MS}, 2, 50 * MS, 0);
    }

    @Test
    void aShortQueueIsTheLargestNets() {
        DegradeRule rule = rule();
        for (int i = 0; i < 100; i++) {
            assertThat(rule.next(i % 11, i * MS)).isZero(); // 10 wait 50 ms
        }
    }

    @Test
    void aLongQueueStepsDownByOneNetForABatchAndNoFurtherThanNeeded() {
        DegradeRule rule = rule();
        assertThat(rule.next(11, MS)).isEqualTo(1); // 55 ms, with the next net 27.5
        assertThat(rule.next(20, 2 * MS)).isEqualTo(1); // 50 ms
        assertThat(rule.next(100, 3 * MS)).isEqualTo(2);
        assertThat(rule.next(1000, 4 * MS)).isEqualTo(2); // there is no cheaper one
    }

    @Test
    void afterACalmSecondItStepsUpByOneNet() {
        DegradeRule rule = rule();
        rule.next(1000, 0);
        assertThat(rule.next(1000, MS)).isEqualTo(2);
        assertThat(rule.next(0, 2 * MS)).isEqualTo(2);
        assertThat(rule.next(0, SECOND)).isEqualTo(2);
        assertThat(rule.next(0, SECOND + MS)).isEqualTo(1);
        assertThat(rule.next(0, 2 * SECOND)).isEqualTo(1);
        assertThat(rule.next(0, 2 * SECOND + MS)).isZero();
    }

    @Test
    void aQueueThatWouldBeLongWithTheLargerNetIsNotCalm() {
        DegradeRule rule = rule();
        assertThat(rule.next(11, 0)).isEqualTo(1);
        for (int i = 1; i < 40; i++) { // 30 ms with the larger net, more than half of 50
            assertThat(rule.next(i % 4 == 0 ? 6 : 0, i * SECOND / 4)).isEqualTo(1);
        }
        assertThat(rule.next(5, 11 * SECOND)).isZero();
    }

    @Test
    void aLargerNetThatCouldNotBearTheRequestsIsNotTried() {
        DegradeRule rule = rule();
        assertThat(rule.next(11, 0)).isEqualTo(1);
        long now = 0;
        // 200 requests a second: two workers of 10 ms would be busy all the time.
        for (int i = 0; i < 2000; i++) {
            now += 5 * MS;
            assertThat(rule.next(0, now)).isEqualTo(1);
            rule.computed(1, 1, 5 * MS);
        }
        // 100 a second: half of the time.
        for (int i = 0; i < 250; i++) {
            now += 10 * MS;
            rule.next(0, now);
            rule.computed(1, 1, 5 * MS);
        }
        assertThat(rule.next(0, now)).isZero();
    }

    @Test
    void afterAPauseItIsBackAtTheLargestAtOnce() {
        DegradeRule rule = rule();
        rule.next(1000, 0);
        rule.next(1000, MS);
        assertThat(rule.next(1, 10 * SECOND)).isZero();
    }

    @Test
    void netsThatHaveBecomeSlowerAreKnownByTheOneInUse() {
        DegradeRule rule = rule();
        assertThat(rule.next(5, 0)).isZero(); // 25 ms
        for (int i = 0; i < 100; i++) {
            rule.computed(0, 4, 4 * 30 * MS); // 30 ms in place of 10
        }
        assertThat(rule.next(5, MS)).isEqualTo(1); // 75 ms
        assertThat(rule.next(5, 2 * MS)).isEqualTo(1); // 37.5 ms
        assertThat(rule.next(8, 3 * MS)).isEqualTo(2); // 60 ms
    }
}
