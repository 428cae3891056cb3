/// Stores that runs share by name.
///
/// A task reaches one with ``TaskContext/store(named:)``. What it writes there is kept aside like what it writes to the
/// run's own store: a failed, timed-out or cancelled attempt leaves nothing behind. Code outside of runs uses
/// ``store(named:)`` itself, and writes at once.
///
/// A name is 1 to 100 characters of `A-Za-z0-9._-`. A value has at most ``StoreLimit/sharedValueBytes`` as JSON: a write that would make it
/// longer is refused with an error of category ``CanoError/Category/store``, and changes nothing.
public protocol SharedStores: Sendable {
    /// The store with that name; one without writes is empty. Every operation on it happens at once.
    ///
    /// - Throws: ``CanoError/Category/configuration`` when there can be no store of that name.
    func store(named name: String) throws -> any Store

    /// Applies what a step wrote, in order, all of it or nothing. Each write has its ``StagedWrite/store``.
    ///
    /// The engine calls it once for each step that wrote to shared stores: before ``RunStore/apply(_:)`` is given what the
    /// step wrote to the run's own store, and before the step's row is appended. A cancellation of the run doesn't reach it.
    ///
    /// A `putIfAbsent` whose name was set by this very step leaves that value.
    ///
    /// - Throws: ``StepConflict`` when another run set what a `putIfAbsent` was to set: the engine runs the state again in
    ///   the same visit. Anything else fails the run.
    func apply(_ writes: [StagedWrite]) async throws
}
