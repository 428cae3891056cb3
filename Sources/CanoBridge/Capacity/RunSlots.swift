import CanoCore
import CanoPrimitives

/// The slots of a bridge, and the work that waits for them in the order of ``WorkOrder``.
final class RunSlots: Sendable {
    private let order: WaitQueue<WorkOrder>
    private let readers: Int
    private let clock: any EngineClock

    /// How long the intake waits for more slots when few are free.
    private static let pause: Duration = .milliseconds(1)
    /// How long work that is not begun waits at most, at a time, while work of these slots is busy.
    static let longestCourtesy: Duration = .milliseconds(100)

    /// What the intake of new entries may do.
    enum Turn: Sendable, Hashable {
        /// Slots are free and no other work waits: it may read so many entries, each of which takes a slot when it has come.
        case room(Int)
        /// Other work waits: it has taken one slot, for one entry.
        case slot
    }

    /// - Parameters:
    ///   - total: How many there are.
    ///   - readers: How many streams new entries are read from: each may read its share of what is free.
    ///   - clock: The engine's clock.
    init(total: Int, readers: Int = 1, clock: any EngineClock) {
        self.readers = max(1, readers)
        order = WaitQueue(WorkOrder(total: total), lanes: WorkOrder.Kind.allCases.count)
        self.clock = clock
    }

    /// How many slots are free for what has not been announced.
    var room: Int { order.read { $0.room } }

    /// How many slots there are, how many work has, and how much work of each kind waits.
    var use: (total: Int, taken: Int, waiting: [WorkOrder.Kind: Int]) {
        order.read { order in
            (order.total, order.taken, Dictionary(uniqueKeysWithValues: WorkOrder.Kind.allCases.map { ($0, order.waiting($0)) }))
        }
    }

    /// Whether any work waits for slots.
    var isWorkWaiting: Bool { order.read { $0.isWorkWaiting } }

    // MARK: Work that waits

    /// Work of this kind waits for slots, one each: those it is due are kept for it.
    func announce(_ kind: WorkOrder.Kind, _ count: Int = 1) { order.update { $0.announce(kind, count) } }

    /// Announced work waits no more.
    func withdraw(_ kind: WorkOrder.Kind, _ count: Int = 1) { order.update { $0.withdraw(kind, count) } }

    /// Takes a slot for announced work if one is free and it is its turn.
    func takeAtOnce(_ kind: WorkOrder.Kind) -> Bool { order.update { $0.take(kind) } }

    /// Takes a slot for announced work when it is its turn.
    func take(_ kind: WorkOrder.Kind) async { await order.wait(in: kind.rawValue) { $0.take(kind) } }

    /// The same unless the task is cancelled.
    ///
    /// - Throws: `CancellationError` when it was cancelled first. What was announced is to be withdrawn then.
    func takeUnlessCancelled(_ kind: WorkOrder.Kind) async throws {
        try await order.waitUnlessCancelled(in: kind.rawValue) { $0.take(kind) }
    }

    /// Gives a slot back; `unusedBy` is the kind of work that was gone when it had its slot.
    func give(unusedBy kind: WorkOrder.Kind? = nil) { order.update { $0.give(unusedBy: kind) } }

    /// Begins one piece of work after the other, each with a slot of its own, as their turns come; `start` is false when there is nothing to begin.
    ///
    /// - Throws: `CancellationError` when the task was cancelled first: the rest is not begun.
    func begin<Work>(_ work: [Work], as kind: WorkOrder.Kind, _ start: (Work) -> Bool) async throws {
        try await begin(work, as: kind, atMost: 1) { $0.filter(start).count }
    }

    /// Begins work piece after piece, each with a slot of its own, as their turns come: several at once where so many slots are free.
    ///
    /// - Parameters:
    ///   - work: The pieces, in order.
    ///   - kind: What they are.
    ///   - most: How many are begun at once at most.
    ///   - start: Begins them, each of which gives its slot back at its end, and says with how many it has begun.
    /// - Throws: `CancellationError` when the task was cancelled first: the rest is not begun.
    func begin<Work>(_ work: [Work], as kind: WorkOrder.Kind, atMost most: Int, _ start: ([Work]) -> Int) async throws {
        var left = work[...]
        announce(kind, left.count)
        defer { withdraw(kind, left.count) }
        while !left.isEmpty {
            try await takeUnlessCancelled(kind)
            var count = 1
            while count < min(most, left.count), takeAtOnce(kind) { count += 1 }
            let begun = start(Array(left.prefix(count)))
            left = left.dropFirst(count)
            for _ in begun..<count { give(unusedBy: kind) }
        }
    }

    /// Waits a little while more than half of these slots are taken, so that their work goes before work that is not begun. That is bounded:
    /// however busy they are, the other work goes on.
    ///
    /// - Throws: `CancellationError` when the task was cancelled first.
    func goFirst() async throws {
        let end = clock.now.advanced(by: Self.longestCourtesy)
        while order.read({ $0.isBusy }), clock.now < end { try await clock.sleep(for: Self.pause) }
    }

    // MARK: New entries

    /// Waits until new entries may be read.
    ///
    /// - Throws: `CancellationError` when the intake is to end.
    func waitForTurn() async throws -> Turn {
        announce(.new)
        do {
            try await takeUnlessCancelled(.new)
        } catch {
            withdraw(.new)
            throw error
        }
        // A read may wait long, and holds no slot that other work could have meanwhile.
        if isWorkWaiting { return .slot }
        give()
        if order.read({ $0.isWorthWaiting }) { try await clock.sleep(for: Self.pause) }
        return .room(min(max(1, room / readers), WorkOrder.largestRead))
    }
}
