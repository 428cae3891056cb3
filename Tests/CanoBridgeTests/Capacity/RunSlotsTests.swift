import CanoCore
import CanoTesting
import Synchronization
import Testing

@testable import CanoBridge

@Suite("The slots that runs and the intake share", .timeLimit(.minutes(1)))
struct RunSlotsTests {
    private final class Order: Sendable {
        private let names = Mutex<[String]>([])

        var all: [String] { names.withLock { $0 } }

        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    private let clock = ManualClock()

    @Test("go to runs that are taken over first, then to runs that were read, then to the intake") @MainActor
    func lanes() async throws {
        let slots = RunSlots(total: 1, clock: clock)
        let order = Order()
        await slots.take()
        // Each waits before the next begins: they share one thread.
        let waiting = [
            Task {
                _ = try await slots.waitForRoom()
                order.add("intake")
            },
            Task {
                await slots.take()
                order.add("run")
            },
            Task {
                try await slots.takeFirst()
                order.add("claim")
            },
        ]
        for _ in waiting { await Task.yield() }
        #expect(order.all == [])
        for count in 1...3 {
            slots.give()
            try await eventually { order.all.count == count }
        }
        #expect(order.all == ["claim", "run", "intake"])
        for task in waiting { try await task.value }
    }

    @Test("are waited for a little longer by the intake when few of many are free")
    func pause() async throws {
        let slots = RunSlots(total: 4, clock: clock)
        for _ in 1...3 { await slots.take() }
        async let room = slots.waitForRoom()
        await clock.waitForSleepers()
        slots.give()
        clock.advance(by: .milliseconds(1))
        #expect(try await room == 2)
    }

    @Test("are waited for no longer by a task that is cancelled, and none is lost")
    func cancelled() async throws {
        let slots = RunSlots(total: 1, clock: clock)
        await slots.take()
        let waiting = Task { try await slots.takeFirst() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        slots.give()
        #expect(slots.room == 1)
    }
}
