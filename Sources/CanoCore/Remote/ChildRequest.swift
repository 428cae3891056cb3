/// The run that an attempt asks for: a child of the run that asks, which waits for its end as it waits for the answer of a worker.
public struct ChildRequest: Sendable, Hashable {
    /// What the child is called; see ``id(of:visit:branch:attempt:)``.
    public var run: RunID
    /// What the child's workflow is called.
    public var workflow: String
    /// The one version of it that may run the child; `nil` for whichever there is.
    public var version: String?
    /// How long the child may take, and what becomes of it when its parent needs it no more.
    public var config: ChildRunConfig
    /// How it runs in this process. A host that hands work out needs none.
    var execution = ChildExecution()

    /// Creates a request.
    public init(run: RunID, workflow: String, version: String? = nil, config: ChildRunConfig = ChildRunConfig()) {
        self.run = run
        self.workflow = workflow
        self.version = version
        self.config = config
    }

    /// What the child of an attempt is called: `<parent>//<visit>`, in a branch `<parent>//<visit>.<branch>`. That of a later attempt has its
    /// number behind it, as `:2`, for it is another run.
    ///
    /// - Parameters:
    ///   - parent: The run that asks.
    ///   - visit: The number of the visit.
    ///   - branch: The index of the branch; `nil` when the child does the work of the state.
    ///   - attempt: The attempt, from 1.
    /// - Returns: The child's id.
    public static func id(of parent: RunID, visit: Int, branch: Int?, attempt: Int) -> RunID {
        RunID("\(parent)\(Leg.name(visit: visit, branch: branch))" + (attempt > 1 ? ":\(attempt)" : ""))
    }
}

/// How a child runs in the process that asks for it. All are alike, for it is no part of what is asked.
struct ChildExecution: Sendable, Hashable {
    /// Runs the child to its end, and answers its output as JSON. It is cancelled when its answer is not waited for any more. `nil` where only
    /// the name of its workflow is known.
    var run: (@concurrent @Sendable () async throws -> [UInt8])?

    static func == (_: ChildExecution, _: ChildExecution) -> Bool { true }

    func hash(into _: inout Hasher) {}
}
