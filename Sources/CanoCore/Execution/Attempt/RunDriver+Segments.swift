extension RunDriver {
    /// Enters states until one is an exit, in tasks that can be left behind: for workflows with attempt timeouts, and for runs that can be
    /// stopped.
    @inlinable mutating func runInSegments(from start: State, at first: StateNode<State>?, isEntered: Bool) async throws -> State {
        var end = await RunSegment(of: self).run(self) {
            try await $0.enterStates(from: start, at: first, isEntered: isEntered)
        }
        while true {
            switch end {
            case .ended(let driver, let result):
                self = driver
                return try result.get()
            case .overrun(let driver, let node, let isAbandoned):
                self = driver
                segment = nil
                if isAbandoned { run.leftBehind(node.identity, attempt: 1) }
                let failure = CanoError(overrun: node.config.attemptTimeout ?? .zero, isAbandoned: isAbandoned)
                if Task.isCancelled {
                    _ = scope.endAttempt()
                    throw interrupted(node)
                }
                end = await RunSegment(of: self).run(self) { try await $0.enterStates(after: failure, of: node) }
            }
        }
    }

    /// Goes on after a first attempt that overran.
    @inlinable mutating func enterStates(after failure: CanoError, of node: StateNode<State>) async throws -> State {
        let next = try await retry(node, after: failure)
        try await commitAttempt(of: node)
        if let declared = node.leadsTo { try check(next, isIn: declared, after: node) }
        return try await enterStates(from: next, at: workflow.graph.node(of: next))
    }

    /// The attempts at a plain task with a timeout, or that a stop leaves behind: the first one right here, in the segment, the others as
    /// everywhere.
    @inlinable @inline(never) mutating func attempt(
        _ node: StateNode<State>, within timeout: Duration?, in segment: RunSegment<State>
    ) async throws -> State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        let context = context(of: node)
        segment.begin(node, timeout: timeout, by: &self)
        let next: State
        do {
            next = try await node.task.run(context)
        } catch {
            try segment.end(for: &self)
            return try await retry(node, after: error)
        }
        try segment.end(for: &self)
        if isInstrumented { countFirstAttempt() }
        return next
    }

    /// The same at a task without a timeout, in a run that is measured: how long it took, further attempts included.
    @inlinable @inline(never) mutating func measuredAttempt(
        _ node: StateNode<State>, in segment: RunSegment<State>
    ) async throws -> State {
        let start = now
        defer { recordDuration(of: node, since: start) }
        return try await attempt(node, within: nil, in: segment)
    }

    @usableFromInline var now: MonotonicInstant { run.runtime.clock.now }

    @usableFromInline @inline(never) func recordDuration(of node: StateNode<State>, since start: MonotonicInstant) {
        run.runtime.metrics?.record(.taskDuration, start.duration(to: now), node.label, node.handler?.kind ?? "")
    }

    @usableFromInline @inline(never) func countFirstAttempt() { run.runtime.metrics?.count(.taskAttempts, "completed") }

    /// A driver that stands where another one belongs, and shares nothing with it that either would have to copy.
    @usableFromInline var idle: RunDriver {
        var driver = self
        driver.segment = nil
        driver.core = core.idle
        return driver
    }
}

extension CanoError {
    /// An attempt took longer than it may.
    @usableFromInline init(overrun timeout: Duration, isAbandoned: Bool) {
        self.init(
            .timeout, "the attempt took longer than \(timeout)" + (isAbandoned ? ", ignored its cancellation and was abandoned" : ""))
    }
}
