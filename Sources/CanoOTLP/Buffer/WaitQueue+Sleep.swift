import CanoCore
import CanoPrimitives

extension WaitQueue {
    /// Waits until a moment has come, or the state has.
    ///
    /// - Throws: `CancellationError`.
    func sleep(until end: MonotonicInstant, on clock: any EngineClock, unless isOver: @escaping @Sendable (State) -> Bool) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clock.sleep(until: end) }
            group.addTask { try await self.waitUnlessCancelled { isOver($0) } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
