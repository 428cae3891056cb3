/// Runs one stream: opens, fills windows, flushes, closes. Where cursors go is the caller's business.
struct StreamLoop<Stream: StreamTask>: Sendable {
    /// How a stream ended.
    enum End: Sendable {
        case finished(Stream.State)
        /// It was cancelled, with what it had buffered.
        case interrupted(outputs: [Stream.Output], cursor: Stream.Cursor?)
    }

    typealias Tally = StreamTally<Stream.Output, Stream.Cursor>
    /// Makes what the window wrote, and how far it got, part of the run.
    typealias Commit = (Stream.Cursor?) async throws -> Void

    let task: Stream
    let runtime: WorkflowRuntime
    let itemTimeout: Duration?
    let abandonAfter: Duration
    /// How long what no cancellation cuts short may go on once the run is stopped; `nil` for as long as it wants, and the same then goes for
    /// all that the stream calls.
    var patience: Duration?

    /// Runs the stream until it stops, is exhausted or is cancelled.
    func run(
        from cursor: Stream.Cursor?, opening: TaskContext<Stream.State>, context: () -> TaskContext<Stream.State>, commit: Commit
    ) async throws -> End {
        let source = try await leavable(opening) { try await task.open(opening, from: cursor) }
        var tally = Tally(policy: task.onItemError, window: task.window)
        let duration: Duration? = if case .duration(let duration) = task.window { max(duration, .milliseconds(1)) } else { nil }
        guard duration != nil || patience != nil else {
            // Only time, and a stop that a source may not notice, make it necessary to wait for two things at once.
            var iterator = source.makeAsyncIterator()
            while true {
                let item: Stream.Source.Element?
                do { item = try await iterator.next() } catch {
                    if Task.isCancelled { return interrupted(&tally) }
                    throw error
                }
                if Task.isCancelled { return interrupted(&tally) }
                guard let item else { return try await exhausted(&tally, context, commit) }
                if let end = try await take(item, &tally, context, commit) { return end }
            }
        }
        let feed = StreamFeed<Stream.Source.Element>()
        let reader = Task {
            var iterator = source.makeAsyncIterator()
            // A source may notice neither that it is cancelled nor that its items are no longer read.
            while await feed.isWanted(), !Task.isCancelled {
                do {
                    guard let item = try await iterator.next() else { return feed.offer(.ended) }
                    feed.offer(.item(item))
                } catch {
                    return feed.offer(.failed(error))
                }
            }
        }
        defer {
            reader.cancel()
            feed.close()
        }
        return try await withTaskCancellationHandler {
            try await windows(of: duration, feed, &tally, context, commit)
        } onCancel: {
            reader.cancel()
            feed.tick()
        }
    }

    private func windows(
        of duration: Duration?, _ feed: StreamFeed<Stream.Source.Element>, _ tally: inout Tally, _ context: () -> TaskContext<Stream.State>,
        _ commit: Commit
    ) async throws -> End {
        while true {
            let deadline = duration.map { duration in
                runtime.deadlines.add(at: runtime.clock.now.advanced(by: duration)) { feed.tick() }
            }
            defer { if let deadline { runtime.deadlines.remove(deadline) } }
            var isOpen = true
            while isOpen {
                let arrival = await feed.next()
                if Task.isCancelled { return interrupted(&tally) }
                switch arrival {
                case .item(let item): if let end = try await take(item, &tally, context, commit) { return end }
                case .ended: return try await exhausted(&tally, context, commit)
                case .failed(let error): throw error
                case .tick: isOpen = false
                }
            }
            if !tally.outputs.isEmpty, let end = try await flush(&tally, context, commit) { return end }
        }
    }

    /// Processes an item and flushes the window when it is full.
    private func take(
        _ item: Stream.Source.Element, _ tally: inout Tally, _ context: () -> TaskContext<Stream.State>, _ commit: Commit
    ) async throws -> End? {
        let attempt = ItemAttempts(in: context().core)
        do {
            let (output, cursor) = try await process(item, attempt)
            attempt.succeed()
            tally.good(output, cursor)
            runtime.metrics?.count(.streamItems, "ok")
        } catch {
            attempt.fail()
            if Task.isCancelled { return interrupted(&tally) }
            runtime.metrics?.count(.streamItems, "err")
            guard tally.bad() else { throw error }
        }
        return tally.isFull ? try await flush(&tally, context, commit) : nil
    }

    private func process(
        _ item: Stream.Source.Element, _ attempt: ItemAttempts
    ) async throws -> (output: Stream.Output, cursor: Stream.Cursor) {
        guard itemTimeout != nil || patience != nil else { return try await task.process(item, TaskContext(attempt.context)) }
        return try await attempt.attempt(within: itemTimeout, abandonAfter: abandonAfter) {
            try await task.process(item, TaskContext($0))
        }
    }

    private func flush(_ tally: inout Tally, _ context: () -> TaskContext<Stream.State>, _ commit: Commit) async throws -> End? {
        let (outputs, cursor) = tally.take()
        let signal = try await flush(outputs, context())
        try await commit(cursor)
        if case .stop(let state) = signal { return .finished(state) }
        return nil
    }

    /// A cancellation that comes now is noticed after it: a window that is cut short would be lost.
    private func flush(_ outputs: [Stream.Output], _ context: TaskContext<Stream.State>) async throws -> WindowSignal<Stream.State> {
        let signal = try await shielded(context) { try await task.flush(outputs, context) }
        runtime.metrics?.count(.streamWindows)
        return signal
    }

    /// The cursor of the last window is logged once closing has succeeded, so that a resumed run closes again.
    private func exhausted(_ tally: inout Tally, _ context: () -> TaskContext<Stream.State>, _ commit: Commit) async throws -> End {
        let (outputs, cursor) = tally.take()
        if !outputs.isEmpty {
            let signal = try await flush(outputs, context())
            if case .stop(let state) = signal {
                try await commit(cursor)
                return .finished(state)
            }
        }
        let closing = context()
        let next = try await shielded(closing) { try await task.close(.exhausted, closing) }
        try await commit(cursor)
        return .finished(next)
    }

    private func interrupted(_ tally: inout Tally) -> End {
        let (outputs, cursor) = tally.take()
        return .interrupted(outputs: outputs, cursor: cursor)
    }

    /// Flushes and closes what a cancelled stream left, out of reach of the cancellation.
    ///
    /// - Returns: The cursor to be logged.
    /// - Throws: The error of the flush, else that of the close: either takes the place of the cancellation; ``LeftBehind`` when they took
    ///   too long.
    func drain(outputs: [Stream.Output], cursor: Stream.Cursor?, _ context: TaskContext<Stream.State>) async throws -> Stream.Cursor? {
        try await shielded(context) {
            if !outputs.isEmpty {
                do {
                    _ = try await task.flush(outputs, context)
                    runtime.metrics?.count(.streamWindows)
                } catch {
                    _ = try? await task.close(.cancelled, context)
                    throw error
                }
            }
            _ = try await task.close(.cancelled, context)
            return cursor
        }
    }

    // MARK: What a stop leaves behind

    /// What was called went on after the run was stopped, and was left to itself.
    struct LeftBehind: Error {}

    /// Calls what a cancellation reaches; what ignores it is left behind, where runs can be.
    private func leavable<Value: Sendable>(
        _ context: TaskContext<Stream.State>, _ body: @escaping @concurrent @Sendable () async throws -> Value
    ) async throws -> Value {
        guard patience != nil else { return try await body() }
        return try await outcome(context, of: TimedAttempt(runtime: runtime, abandonAfter: abandonAfter), body)
    }

    /// Calls what no cancellation reaches, for as long as it may go on then.
    private func shielded<Value: Sendable>(
        _ context: TaskContext<Stream.State>, _ body: @escaping @concurrent @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let patience else { return try await withCancellationShield(body) }
        return try await outcome(context, of: TimedAttempt(runtime: runtime, abandonAfter: patience, isCancelledAtOnce: false), body)
    }

    private func outcome<Value: Sendable>(
        _ context: TaskContext<Stream.State>, of attempt: TimedAttempt,
        _ body: @escaping @concurrent @Sendable () async throws -> Value
    ) async throws -> Value {
        guard case .returned(let result) = await attempt.run(timeout: nil, body) else {
            context.scope.run.leftBehind(context.node, attempt: context.attempt)
            throw LeftBehind()
        }
        return try result.get()
    }
}
