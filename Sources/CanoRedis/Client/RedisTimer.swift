import NIOCore

/// What a client does later, or again and again, on the thread of its connection.
public struct RedisTimer: Sendable {
    private let stop: @Sendable () -> Void

    init(_ stop: @escaping @Sendable () -> Void) {
        self.stop = stop
    }

    /// Ends it. One that is under way comes to its end.
    public func cancel() { stop() }
}

extension RedisClient {
    /// Calls an action later, on the thread that replies come in on: not behind tasks that keep Swift's shared pool busy.
    ///
    /// - Parameters:
    ///   - delay: How much later.
    ///   - action: What to do; it must not block.
    /// - Returns: What cancels it.
    @discardableResult
    public func after(_ delay: Duration, _ action: @escaping @Sendable () -> Void) -> RedisTimer {
        let scheduled = eventLoop.scheduleTask(in: TimeAmount(delay), action)
        return RedisTimer { scheduled.cancel() }
    }

    /// Calls an action again and again, on the thread that replies come in on; the first time after one interval.
    ///
    /// - Parameters:
    ///   - interval: The time from the end of one call to the begin of the next.
    ///   - action: What to do; it must not block.
    /// - Returns: What cancels it.
    public func every(_ interval: Duration, _ action: @escaping @Sendable () -> Void) -> RedisTimer {
        let repeated = eventLoop.scheduleRepeatedTask(initialDelay: TimeAmount(interval), delay: TimeAmount(interval)) { _ in action() }
        return RedisTimer { repeated.cancel() }
    }
}
