/// What a run was started with, in a place of its own: what holds it has the same layout whatever it is.
@usableFromInline final class RunInput<Value: Sendable>: Sendable {
    @usableFromInline let value: Value

    @inlinable init(_ value: Value) { self.value = value }
}

/// That of every run that takes none.
@usableFromInline let noInput = RunInput<Void>(())

/// What a run was started with, its type forgotten: for what is compiled once for all workflows.
@usableFromInline typealias AnyRunInput = any AnyObject & Sendable
