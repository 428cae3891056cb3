import CanoCore
import CanoTesting
import Synchronization
import Testing

@testable import CanoBridge

@Suite("The slots that all work shares", .timeLimit(.minutes(5)))
struct RunSlotsTests {
    private final class Order: Sendable {
        private let names = Mutex<[String]>([])

        var all: [String] { names.withLock { $0 } }

        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    private let clock = ManualClock()

    /// Takes a slot for something new.
    private func fill(_ slots: RunSlots, _ count: Int = 1) async {
        for _ in 0..<count {
            slots.announce(.new)
            await slots.take(.new)
        }
    }

    @Test("go to what has its turn: under way before not begun, what was read before the intake") @MainActor
    func order() async throws {
        let slots = RunSlots(total: 1, clock: clock)
        let order = Order()
        await fill(slots)
        // Each waits before the next begins: they share one thread.
        let waiting =
            [
                Task {
                    try await slots.begin([1, 2], as: .due) { number in
                        order.add("due \(number)")
                        return true
                    }
                },
                Task {
                    slots.announce(.new)
                    await slots.take(.new)
                    order.add("read")
                },
                Task {
                    _ = try await slots.waitForTurn()
                    order.add("intake")
                },
                Task {
                    try await slots.begin([1], as: .takeover) { _ in
                        order.add("takeover")
                        return true
                    }
                },
            ]
        for _ in waiting { await Task.yield() }
        #expect(order.all == [])
        for count in 1...5 {
            slots.give()
            try await eventually { order.all.count == count }
        }
        // The first slot was taken by something new, so that the round went on behind it.
        #expect(order.all == ["takeover", "due 1", "read", "due 2", "intake"])
        for task in waiting { try await task.value }
    }

    @Test("that are free are kept for work whose turn it is") @MainActor
    func kept() async throws {
        let slots = RunSlots(total: 2, clock: clock)
        let order = Order()
        // Announced, and on its way to its slot.
        slots.announce(.handBack)
        slots.announce(.takeover)
        slots.announce(.new, 2)
        let new = Task {
            await slots.take(.new)
            order.add("new")
        }
        await Task.yield()
        #expect(order.all == [] && !slots.takeAtOnce(.new) && !slots.takeAtOnce(.takeover))
        #expect(slots.takeAtOnce(.handBack) && slots.takeAtOnce(.takeover))
        slots.give()
        await new.value
    }

    @Test("let the intake read many when no other work waits, a little later when few of many are free")
    func room() async throws {
        let slots = RunSlots(total: 4, clock: clock)
        await fill(slots, 3)
        async let turn = slots.waitForTurn()
        await clock.waitForSleepers()
        slots.give()
        clock.advance(by: .milliseconds(1))
        #expect(try await turn == .room(2))
        #expect(slots.room == 2, "a read holds no slot")
        #expect(try await RunSlots(total: 1_000, clock: clock).waitForTurn() == .room(WorkOrder.largestRead))
    }

    @Test("let the intake read for one slot, which it holds, when other work waits")
    func slot() async throws {
        let slots = RunSlots(total: 1, clock: clock)
        await fill(slots)
        async let turn = slots.waitForTurn()
        try await eventually { slots.isWorkWaiting }
        slots.announce(.due, 2)
        slots.give()
        // The round is at due runs, whose first begins and ends.
        await slots.take(.due)
        slots.give()
        #expect(try await turn == .slot)
        #expect(!slots.takeAtOnce(.due), "its slot is taken")
    }

    @Test("go first while more than half of them are taken, for a little while at a time")
    func goFirst() async throws {
        let slots = RunSlots(total: 2, clock: clock)
        await fill(slots)
        try await slots.goFirst()
        await fill(slots)
        let until = Task { try await slots.goFirst() }
        await clock.waitForSleepers()
        slots.give()
        clock.advance(by: .milliseconds(1))
        try await until.value
        await fill(slots)
        let bounded = Task { try await slots.goFirst() }
        for _ in 1...100 {
            await clock.waitForSleepers()
            clock.advance(by: .milliseconds(1))
        }
        try await bounded.value
        #expect(slots.room == 0)
    }

    @Test("are given to the same kind again where there was nothing to begin")
    func unused() async throws {
        let slots = RunSlots(total: 1, clock: clock)
        slots.announce(.new)
        let order = Order()
        try await slots.begin(["gone", "gone", "there"], as: .due) { name in
            order.add(name)
            return name == "there"
        }
        #expect(order.all == ["gone", "gone", "there"])
        #expect(!slots.takeAtOnce(.new))
        slots.give()
        #expect(slots.takeAtOnce(.new))
    }

    @Test("are taken by several at once where so many are free, and those come back that have nothing to begin")
    func several() async throws {
        let slots = RunSlots(total: 4, clock: clock)
        let order = Order()
        try await slots.begin([1, 2, 3, 4, 5, 6, 7, 8], as: .due, atMost: 3) { numbers in
            order.add("\(numbers)")
            // What has begun is over at once, but for the second time.
            if numbers.first != 4 { numbers.forEach { _ in slots.give() } }
            return numbers.first == 4 ? 2 : numbers.count
        }
        #expect(order.all == ["[1, 2, 3]", "[4, 5, 6]", "[7, 8]"])
        #expect(slots.room == 2 && !slots.isWorkWaiting)
    }

    @Test("are waited for no longer by a task that is cancelled, and none is lost or kept")
    func cancelled() async throws {
        let slots = RunSlots(total: 1, clock: clock)
        await fill(slots)
        let begin = Task { try await slots.begin([1, 2], as: .takeover) { _ in true } }
        let turn = Task { try await slots.waitForTurn() }
        begin.cancel()
        turn.cancel()
        await #expect(throws: CancellationError.self) { try await begin.value }
        await #expect(throws: CancellationError.self) { try await turn.value }
        #expect(!slots.isWorkWaiting)
        slots.give()
        #expect(slots.room == 1)
    }
}
