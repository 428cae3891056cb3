extension RunDriver {
    /// Enters states until one is an exit, in tasks that can be left behind: for workflows with attempt timeouts.
    @inlinable mutating func walkInLegs(from start: State, at first: StateNode<State>?) async throws -> State {
        var end = await RunLeg<State>(in: run.runtime).run(self) { try await $0.walk(from: start, at: first) }
        while true {
            switch end {
            case .walked(let driver, let result):
                self = driver
                return try result.get()
            case .overrun(let driver, let node, let isAbandoned):
                self = driver
                leg = nil
                if isAbandoned { run.leftBehind(node.identity) }
                let failure = CanoError(overrun: node.config.attemptTimeout ?? .zero, isAbandoned: isAbandoned)
                if Task.isCancelled {
                    _ = scope.endAttempt()
                    throw interrupted(node)
                }
                end = await RunLeg<State>(in: run.runtime).run(self) { try await $0.walk(after: failure, of: node) }
            }
        }
    }

    /// Goes on after a first attempt that overran.
    @inlinable mutating func walk(after failure: CanoError, of node: StateNode<State>) async throws -> State {
        let next = try await retried(node, after: failure)
        try await succeed(node)
        if let declared = node.leadsTo { try check(next, isIn: declared, after: node) }
        return try await walk(from: next, at: workflow.graph.node(of: next))
    }

    /// The attempts of a plain task with a timeout: the first one right here, in the leg, the others as everywhere.
    @inlinable func attempts(of node: StateNode<State>, in leg: RunLeg<State>, timeout: Duration) async throws -> State {
        emit(.taskStarted(state: node.label, task: node.identity.taskName))
        let next: State
        leg.begin(node, timeout: timeout, by: self)
        do {
            next = try await node.task.run(TaskContext(scope: scope, node: node.identity, visit: visit, attempt: 1))
        } catch {
            try leg.end()
            return try await retried(node, after: error)
        }
        try leg.end()
        return next
    }
}

extension CanoError {
    /// An attempt took longer than it may.
    @usableFromInline init(overrun timeout: Duration, isAbandoned: Bool) {
        self.init(
            .timeout, "the attempt took longer than \(timeout)" + (isAbandoned ? ", ignored its cancellation and was abandoned" : ""))
    }
}
