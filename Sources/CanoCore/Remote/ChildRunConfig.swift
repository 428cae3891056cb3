/// How a child run is treated.
public struct ChildRunConfig: Sendable, Hashable {
    /// How long it may take from its start on; `nil` for as long as it wants. Past it, it fails with
    /// ``CanoError/Category/workflowTimeout``.
    public var timeout: Duration?
    /// What becomes of it when its parent needs it no more.
    public var closePolicy: ParentClosePolicy

    /// Creates a configuration; the default is no limit, and a child that is cancelled when its parent needs it no more.
    public init(timeout: Duration? = nil, closePolicy: ParentClosePolicy = .cancel) {
        self.timeout = timeout
        self.closePolicy = closePolicy
    }
}

/// What becomes of a child run that is under way when its parent needs it no more: the parent was cancelled, has failed, is out of time or
/// over, or the attempt that asked for it is.
public enum ParentClosePolicy: String, Sendable, Hashable, CaseIterable {
    /// It is cancelled, and undoes what it has done. The parent does not wait for that.
    case cancel
    /// It goes on by itself, and nothing waits for its end.
    case leave
}
