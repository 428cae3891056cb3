import Testing

@testable import CanoCore

@Suite(.timeLimit(.minutes(5))) struct RunInboxTests {
    private let inbox = RunInbox()

    private func signal(_ name: String, id: String) -> ReceivedSignal { ReceivedSignal(id: id, name: name, data: []) }

    @Test("a watch ends when all that its wait needs is there, and not before")
    func ends() async throws {
        let wait = OpenWait(signals: ["a", "b"], need: 2)
        let watch = inbox.watch(for: wait)
        let (ended, inbox) = (Counter(), inbox)
        let waiting = Task {
            try await watch.untilEnd()
            ended.increment()
            return inbox.take(for: wait)
        }
        inbox.deliver([signal("a", id: "1")])
        inbox.deliver([signal("c", id: "2")])
        #expect(ended.value == 0)
        inbox.deliver([signal("b", id: "3")])
        #expect(try await waiting.value?.map(\.id) == ["1", "3"])
        inbox.unwatch(watch)
    }

    @Test("a watch for what is there already ends at once")
    func isThere() async throws {
        inbox.deliver([signal("a", id: "1")])
        let watch = inbox.watch(for: OpenWait(signals: ["a"]))
        try await watch.untilEnd()
        #expect(inbox.take(for: watch.wait)?.map(\.id) == ["1"])
    }

    @Test("a watch that begins anew ends with what comes from then on")
    func restarted() async throws {
        let watch = inbox.watch(for: OpenWait(signals: ["a"]))
        watch.end()
        watch.restart()
        inbox.deliver([signal("a", id: "1")])
        try await watch.untilEnd()
    }

    @Test("a cancellation ends the wait of a watch")
    func cancelled() async {
        let watch = inbox.watch(for: OpenWait(signals: ["a"]))
        let waiting = Task { try await watch.untilEnd() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test("it is worth looking for signals while something waits for one")
    func awaited() {
        #expect(!inbox.isAwaited)
        let (one, other) = (inbox.watch(for: OpenWait(signals: ["a"])), inbox.watch(for: OpenWait(signals: ["a"])))
        inbox.unwatch(one)
        #expect(inbox.isAwaited)
        inbox.unwatch(other)
        #expect(!inbox.isAwaited)
    }

    @Test("of two that wait for one signal one has it")
    func oneHasIt() {
        let wait = OpenWait(signals: ["a"])
        inbox.deliver([signal("a", id: "1")])
        #expect(inbox.take(for: wait) != nil)
        #expect(inbox.take(for: wait) == nil)
    }
}
