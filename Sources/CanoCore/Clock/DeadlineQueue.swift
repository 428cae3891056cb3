import HeapModule
import Synchronization

/// All deadlines of one runtime behind one sleeping task.
///
/// A deadline costs an entry in a heap, not a task: nearly every one is taken back before it comes.
@usableFromInline final class DeadlineQueue: Sendable {
    /// Names a deadline, to take it back.
    @usableFromInline struct ID: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Entry: Comparable {
        let instant: MonotonicInstant
        let id: ID

        /// Of one instant the first one added comes first.
        static func < (left: Entry, right: Entry) -> Bool { (left.instant, left.id.number) < (right.instant, right.id.number) }
    }

    private struct Schedule {
        var entries = Heap<Entry>()
        var actions: [ID: @Sendable () -> Void] = [:]
        var issued: UInt64 = 0
        /// When the sleeping task will look again.
        var wake: MonotonicInstant?
        var sleeper: Task<Void, Never>?
    }

    private let clock: any EngineClock
    private let schedule = Mutex(Schedule())

    init(clock: any EngineClock) { self.clock = clock }

    deinit { schedule.withLock { $0.sleeper?.cancel() } }

    /// Calls the action when the instant has come, unless it is taken back. The action must be quick.
    func add(at instant: MonotonicInstant, _ action: @escaping @Sendable () -> Void) -> ID {
        schedule.withLock { schedule in
            schedule.issued += 1
            let id = ID(number: schedule.issued)
            schedule.actions[id] = action
            schedule.entries.insert(Entry(instant: instant, id: id))
            dropDeadEntries(&schedule)
            if instant < schedule.wake ?? .distantFuture { sleep(until: instant, &schedule) }
            return id
        }
    }

    /// Takes a deadline back; one that has come is fine.
    @usableFromInline func remove(_ id: ID) { schedule.withLock { _ = $0.actions.removeValue(forKey: id) } }

    private func fireDue() {
        let due = schedule.withLock { schedule -> [@Sendable () -> Void] in
            var due: [@Sendable () -> Void] = []
            let now = clock.now
            while let first = schedule.entries.min, first.instant <= now || schedule.actions[first.id] == nil {
                if let action = schedule.actions.removeValue(forKey: first.id) { due.append(action) }
                schedule.entries.removeMin()
            }
            schedule.wake = nil
            schedule.sleeper = nil
            if let next = schedule.entries.min { sleep(until: next.instant, &schedule) }
            return due
        }
        for action in due { action() }
    }

    private func sleep(until instant: MonotonicInstant, _ schedule: inout Schedule) {
        schedule.sleeper?.cancel()
        schedule.wake = instant
        // Detached: the sleep belongs to no run, and must not keep a run's task-local values alive.
        schedule.sleeper = Task.detached { [clock, weak self] in
            // A sleep that ends early was replaced by one for an earlier deadline.
            guard (try? await clock.sleep(until: instant)) != nil, !Task.isCancelled else { return }
            self?.fireDue()
        }
    }

    /// Deadlines taken back stay in the heap; forget them once they are the majority.
    private func dropDeadEntries(_ schedule: inout Schedule) {
        guard schedule.entries.count > 64, schedule.entries.count > 2 * schedule.actions.count else { return }
        schedule.entries = Heap(schedule.entries.unordered.filter { schedule.actions[$0.id] != nil })
    }
}
