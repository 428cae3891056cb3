import CanoCore
import CanoTesting
import Testing

@Suite("The items of a batch", .timeLimit(.minutes(5)))
struct BatchEventTests {
    /// Of its three items the first fails for good, the second once, and the third never.
    private func told(concurrency: Int = 1, retries: Int = 1) async throws -> [WorkflowEvent] {
        let (clock, observer) = (ManualClock(), RecordingObserver())
        let task = BatchScenarios.Doubling(
            items: [0, 1, 2], concurrency: concurrency, itemRetry: retries == 0 ? .none : .fixed(retries: retries, delay: .seconds(1))
        ) { item, attempt in
            if item == 0 || item == 1 && attempt == 1 { throw Mishap(code: "item \(item)") }
            return item
        }
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        let runtime = WorkflowRuntime(clock: clock, observers: [observer])
        _ = try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) }
        return observer.events
    }

    private func ofItems(_ events: [WorkflowEvent]) -> [String] { events.map(\.summary).filter { $0.hasPrefix("item") } }

    @Test("tell of each attempt that failed, and of the last: which item it was", arguments: [1, 3])
    func retries(concurrency: Int) async throws {
        let events = try await told(concurrency: concurrency)
        #expect(
            ofItems(events).sorted() == [
                "itemFailed first Doubling 0 item 0", "itemRetried first Doubling 0 1", "itemRetried first Doubling 1 1",
            ])
        for event in events {
            if case .itemRetried(_, _, let item, _, let delay, let error) = event {
                #expect(delay == .seconds(1) && error.code == "item \(item)" && error.state == "first" && error.attempt == 1)
            }
        }
    }

    @Test("tell of those that fail without a retry")
    func noRetry() async throws {
        #expect(try await ofItems(told(retries: 0)) == ["itemFailed first Doubling 0 item 0", "itemFailed first Doubling 1 item 1"])
    }
}
