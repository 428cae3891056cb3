extension RunDriver {
    /// Enters states until one is an exit, in tasks that can be left behind: for workflows with attempt timeouts, and for runs that can be
    /// stopped.
    @inlinable mutating func runInSegments(from start: State, at first: StateNode<State>?, isEntered: Bool) async throws -> State {
        var end = await RunSegment<State>(in: run.runtime).run(self) {
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
                end = await RunSegment<State>(in: run.runtime).run(self) { try await $0.enterStates(after: failure, of: node) }
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
    @inlinable @inline(never) func attempt(_ node: StateNode<State>, within timeout: Duration?, in segment: RunSegment<State>) async throws
        -> State
    {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        segment.begin(node, timeout: timeout, by: self)
        return try await context(of: node).firstAttempt { context in
            let next = try await node.task.run(context)
            try segment.end()
            return next
        } orElse: { error in
            if error is RunSegment<State>.IsOver { throw error }
            try segment.end()
            return try await retry(node, after: error)
        }
    }
}

extension CanoError {
    /// An attempt took longer than it may.
    @usableFromInline init(overrun timeout: Duration, isAbandoned: Bool) {
        self.init(
            .timeout, "the attempt took longer than \(timeout)" + (isAbandoned ? ", ignored its cancellation and was abandoned" : ""))
    }
}
