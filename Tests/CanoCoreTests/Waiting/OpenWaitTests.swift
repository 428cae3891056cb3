import CanoCore
import Testing

@Suite struct OpenWaitTests {
    @Test("a wait is met by as many of its names as it needs, and one for time alone by none")
    func isMet() {
        typealias Case = (wait: OpenWait, names: Set<String>, isMet: Bool)
        let (first, all) = (OpenWait(signals: ["a", "b"]), OpenWait(signals: ["a", "b"], need: 2))
        let cases: [Case] = [
            (first, [], false), (first, ["c"], false), (first, ["a"], true), (first, ["b", "c"], true), (first, ["a", "b"], true),
            (all, [], false), (all, ["a"], false), (all, ["a", "c"], false), (all, ["a", "b"], true), (all, ["a", "b", "c"], true),
            (OpenWait(signals: ["a", "b", "c"], need: 2), ["c", "a"], true), (OpenWait(signals: ["a", "b", "c"], need: 2), ["c"], false),
            (OpenWait(until: 5), [], false), (OpenWait(until: 5), ["a"], false), (OpenWait(signals: [], need: 0), ["a"], false),
        ]
        for (wait, names, isMet) in cases {
            #expect(wait.isMet(by: names) == isMet, "\(wait) by \(names)")
            #expect(RunWait([wait]).isMet(by: names) == isMet)
        }
    }

    @Test("a run with several waits is woken by any of them, and by time when the first of them is over")
    func ofRuns() {
        let wait = RunWait([
            OpenWait(signals: ["b", "a"], need: 2, until: 70), OpenWait(signals: ["c"]), OpenWait(until: 30), OpenWait(signals: ["a"]),
        ])
        #expect(wait.until == 30)
        #expect(wait.signals == ["b", "a", "c"])
        #expect(wait.isMet(by: ["c"]))
        #expect(wait.isMet(by: ["a"]))
        #expect(!wait.isMet(by: ["b"]))
        #expect(RunWait([OpenWait(signals: ["c"])]).until == nil)
        #expect(!RunWait([]).isMet(by: ["a"]))
    }

    @Test("what a task waits for has each name once, and needs no more than there are")
    func wait() {
        #expect(Wait(forFirst: ["a", "b", "a"], upTo: nil).signals == ["a", "b"])
        #expect(Wait(forFirst: ["a", "b"], upTo: nil).need == 1)
        #expect(Wait(forAll: ["a", "b", "a"], upTo: nil).need == 2)
        #expect(Wait(.duration(.seconds(1))).signals.isEmpty)
    }
}
