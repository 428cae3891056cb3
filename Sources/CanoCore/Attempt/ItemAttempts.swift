/// The attempts at items, one after the other, inside one attempt at their task.
///
/// Each has a context of its own. What it writes joins the rest when it succeeds; what a failed one wrote is dropped.
@usableFromInline struct ItemAttempts: Sendable {
    /// The attempt the items are part of.
    @usableFromInline let whole: AttemptContext
    @usableFromInline let scope: AttemptScope

    @usableFromInline init(in whole: AttemptContext) {
        self.whole = whole
        // Without an engine nothing is staged, and contexts never close.
        scope = whole.scope.isStaged ? AttemptScope(within: whole.scope, whole.generation) : whole.scope
    }

    /// The context of the present attempt.
    @inlinable var context: AttemptContext {
        AttemptContext(scope: scope, node: whole.node, visit: whole.visit, attempt: whole.attempt)
    }

    /// Ends the present attempt.
    ///
    /// - Returns: What it wrote.
    @inlinable func end() -> [StagedWrite] { scope.isStaged ? scope.endAttempt() : [] }

    /// Ends the present attempt, and adds what it wrote to the rest.
    @inlinable func succeed() {
        let writes = end()
        if !writes.isEmpty { join(writes) }
    }

    @usableFromInline func join(_ writes: [StagedWrite]) {
        // When the whole attempt is over by now, it is so with all it did.
        try? whole.scope.stage(writes, in: whole.generation)
        scope.handOver(writes)
    }

    /// Ends the present attempt, and drops what it wrote.
    @usableFromInline func fail() { if scope.isStaged { scope.dropAttempt() } }

    /// Tells that an attempt at an item failed, and that another follows.
    @usableFromInline func tellRetry(of item: Int, attempt: Int, after delay: Duration, _ error: any Error) {
        guard isObserved else { return }
        let node = whole.node
        scope.run.tell(
            .itemRetried(
                state: node.label, task: node.taskName, item: item, attempt: attempt, delay: delay,
                error: CanoError(error).placed(in: node, attempt: attempt)))
    }

    /// Tells that no attempt at an item is left, unless its task was stopped.
    @usableFromInline func tellFailure(of item: Int, _ error: any Error) {
        guard isObserved, !Task.isCancelled else { return }
        let node = whole.node
        scope.run.tell(
            .itemFailed(state: node.label, task: node.taskName, item: item, error: CanoError(error).placed(in: node)))
    }

    /// Whether observers are told. What was left behind tells nothing any more.
    private var isObserved: Bool { !scope.run.runtime.observers.isEmpty && whole.isOpen }

    /// Makes one attempt, for as long as it may take.
    ///
    /// - Throws: What the body throws; ``CanoError/Category/timeout``.
    func attempt<Success: Sendable>(
        within timeout: Duration?, abandonAfter: Duration, _ body: @escaping @concurrent @Sendable (AttemptContext) async throws -> Success
    ) async throws -> Success {
        let context = context
        let attempt = TimedAttempt(runtime: scope.run.runtime, abandonAfter: abandonAfter)
        switch await attempt.run(timeout: timeout, { try await body(context) }) {
        case .returned(let result): return try result.get()
        case .timedOut: break
        case .abandoned: if whole.isOpen { scope.run.leftBehind(whole.node, attempt: whole.attempt) }
        }
        guard let timeout else { throw CancellationError() }
        throw CanoError(.timeout, "the item took longer than \(timeout)")
    }
}

extension AttemptContext {
    /// Whether its attempt goes on. What is left behind as a whole reports nothing of its parts.
    fileprivate var isOpen: Bool {
        do { try scope.ensureOpen(generation) } catch { return false }
        return true
    }
}
