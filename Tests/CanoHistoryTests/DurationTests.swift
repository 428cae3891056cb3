#if SQLite
    import CanoClient
    import CanoTesting
    import Testing

    @testable import CanoHistory

    @Suite("Durations of states", .timeLimit(.minutes(5)))
    struct DurationTests {
        @Test("are told to 2 %, from a millisecond to ten years")
        func buckets() {
            var milliseconds: Int64 = 1
            while milliseconds < 315_576_000_000 {
                let middle = DurationBucket(milliseconds: milliseconds).middle
                #expect(abs(middle - Double(milliseconds)) <= 0.0201 * Double(milliseconds), "\(milliseconds)")
                milliseconds += max(1, milliseconds / 37)
            }
            #expect(DurationBucket(milliseconds: 0).middle == 0)
        }

        @Test("have the quantiles of all of them")
        func quantiles() {
            var generator = SeededGenerator(seed: 7)
            let all = (0..<10_001).map { _ in Int64.random(in: 1...2_000_000, using: &generator) }
            var counts = DurationCounts()
            for one in all { counts.add(1, in: DurationBucket(milliseconds: one), longest: one) }
            let sorted = all.sorted()
            for (part, index) in [(0.5, 5_000), (0.95, 9_500)] {
                let told = Double(counts.quantile(part).components.seconds) * 1_000
                #expect(abs(told - Double(sorted[index])) <= 0.025 * Double(sorted[index]) + 1_000)
            }
            #expect(counts.total == 10_001 && counts.longest == sorted.last)
            #expect(DurationCounts().quantile(0.5) == .zero)
        }

        @Test("of any time are those of days and of the hours at its ends, none twice and none left out")
        func spans() {
            let (hour, day) = (DurationSpan.hour.milliseconds, DurationSpan.day.milliseconds)
            for (from, until) in [(5, 6), (hour, 3 * hour), (day - hour, 3 * day + 2 * hour), (day, 2 * day), (3 * hour, 30 * hour)]
                as [(Int64, Int64)]
            {
                let spans = DurationSpan.covering(RunFilter.Period(from: from, until: until))
                #expect(spans.first?.from == DurationSpan.hour.start(of: from))
                #expect(spans.last?.until == DurationSpan.hour.start(of: until - 1) + hour)
                for (one, next) in zip(spans, spans.dropFirst()) { #expect(one.until == next.from) }
                for span in spans { #expect(span.from % span.span.milliseconds == 0 && span.until % span.span.milliseconds == 0) }
            }
            #expect(DurationSpan.covering(RunFilter.Period()).map(\.span) == [.day])
            #expect(DurationSpan.covering(RunFilter.Period(from: .min, until: .max)).first?.span == .day)
            #expect(DurationSpan.covering(RunFilter.Period(from: 9 * hour, until: 2 * hour)).isEmpty)
        }
    }
#endif
