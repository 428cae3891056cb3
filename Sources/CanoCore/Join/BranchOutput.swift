/// What a branch returned, with its type forgotten: what runs branches is compiled once, whatever they return. `nil` where
/// it is not asked for.
typealias AnyBranchOutput = (any AnyObject & Sendable)?

/// What a branch returned.
final class BranchOutput<Output: Sendable>: Sendable {
    let value: Output

    init(_ value: Output) { self.value = value }
}

extension SplitResult<AnyBranchOutput> {
    /// The same with the outputs as what they are.
    func typed<Typed: Sendable>(as _: Typed.Type) -> SplitResult<Typed> {
        let nothing = () as? Typed
        return SplitResult<Typed>(
            successes: successes.compactMap { success in
                ((success.output as? BranchOutput<Typed>)?.value ?? nothing).map { .init(index: success.index, output: $0) }
            }, failures: failures.map { .init(index: $0.index, error: $0.error) }, cancelled: cancelled)
    }
}
