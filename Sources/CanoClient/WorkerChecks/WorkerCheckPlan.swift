import CanoPrimitives

/// What a check gives a worker to do, and how long it waits for it. Times are in milliseconds.
package struct WorkerCheckPlan: Sendable, Hashable {
    /// JSON of work that succeeds.
    package let success: String
    /// JSON of work that fails; nil where there is none.
    package let failure: String?
    /// JSON of work that succeeds and takes longer than two leases; nil where there is none.
    package let slow: String?
    /// The lease of slow work.
    package let lease: Int64
    /// How long a task may wait for the worker, and then for its answer.
    package let patience: Int64
    /// How long the worker is watched behind an answer: for another one, and for what it does with its entry.
    package let settling: Int64

    /// The lease of all other work.
    let ordinaryLease: Int64 = 60_000

    package init(
        success: String, failure: String?, slow: String?, lease: Duration = .seconds(2), patience: Duration = .seconds(60),
        settling: Duration = .milliseconds(500)
    ) {
        self.success = success
        self.failure = failure
        self.slow = slow
        self.lease = lease.wholeMilliseconds
        self.patience = patience.wholeMilliseconds
        self.settling = settling.wholeMilliseconds
    }
}
