/// One attempt, whatever the type of its run: where it is, and what it may reach.
@usableFromInline struct AttemptContext: Sendable {
    @usableFromInline let scope: AttemptScope
    @usableFromInline let generation: UInt64
    @usableFromInline let node: NodeIdentity
    @usableFromInline let visit: Int
    @usableFromInline let attempt: Int

    @inlinable init(scope: AttemptScope, node: NodeIdentity, visit: Int, attempt: Int) {
        self.scope = scope
        generation = scope.generation
        self.node = node
        self.visit = visit
        self.attempt = attempt
    }
}
