/// A store that belongs to one run.
///
/// The engine keeps what an attempt writes aside and hands it over when the attempt has succeeded, before the next
/// checkpoint row is appended. What a failed, timed-out or cancelled attempt wrote never arrives.
public protocol RunStore: Store {
    /// Applies the writes in order, all of them or none.
    ///
    /// - Throws: When one of them doesn't fit the value that is there; the store is then unchanged and the run fails.
    func apply(_ writes: [StagedWrite]) throws
}
