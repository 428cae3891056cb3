import CanoPrimitives

/// How a step is undone whose work a worker does: by a worker again, or here.
///
/// ```swift
/// .byWorker(of: "payments") { context, receipt in Refund(of: receipt.number) }
/// ```
///
/// ```swift
/// .here { context, receipt in try await bank.refund(receipt.number, key: context.idempotencyKey) }
/// ```
///
/// Either is given what the work came to. A step whose work was asked for, and of which the run does not know whether it was done when it is
/// undone, because its worker was lost, its time was over or the run was cancelled meanwhile, is undone only by one that says how to do that
/// `ifUnknown`, from what was asked for:
///
/// ```swift
/// .byWorker(of: "payments") { context, receipt in Refund(of: receipt.order) } ifUnknown: { context, payment in Refund(of: payment.order) }
/// ```
///
/// Such work may not have been done, or not even been begun, and a worker may still be at it: undoing it has to be fine in each case, and to
/// keep it from being done later.
public struct StepUndo<State: WorkflowState, Request: Codable & Sendable, Output: Codable & Sendable>: Sendable {
    let compensation: Compensation

    /// Undoes the work in this process, as a ``CompensatableTask`` does.
    ///
    /// - Parameters:
    ///   - config: How the engine treats it.
    ///   - undo: Undoes what came to this. May be called again after a crash.
    ///   - undoUnknown: Undoes work of which nothing but what was asked for is known; `nil` where that is not undone.
    /// - Returns: The way to undo the step.
    public static func here(
        config: TaskConfig = TaskConfig(),
        _ undo: @escaping @concurrent @Sendable (TaskContext<State>, Output) async throws -> Void,
        ifUnknown undoUnknown: (@concurrent @Sendable (TaskContext<State>, Request) async throws -> Void)? = nil
    ) -> StepUndo {
        StepUndo(
            compensation: Compensation(
                config: config,
                way: .here { context, receipt in
                    if let asked = receipt.request, let undoUnknown {
                        return try await undoUnknown(TaskContext(context), try Payload.decode(from: asked))
                    }
                    try await undo(TaskContext(context), try receipt.value())
                }, undoesUnknownOutcomes: undoUnknown != nil))
    }

    /// Has a worker undo the work: it is asked as for any work, under the name of the task with `undo:` before it, and the run waits for its
    /// answer. What it comes to is not looked at.
    ///
    /// - Parameters:
    ///   - queue: The queue that workers take it from, and what is asked of them there.
    ///   - config: How the engine treats it: a failure that a worker answers is a failed attempt.
    ///   - request: Answers what is undone, from what the work came to. Has no effects, for it may be called again.
    ///   - requestUnknown: Answers it from what was asked for, where nothing else is known; `nil` where that is not undone.
    /// - Returns: The way to undo the step.
    public static func byWorker<Input: Encodable & Sendable>(
        of queue: WorkerQueue, config: TaskConfig = TaskConfig(),
        _ request: @escaping @concurrent @Sendable (TaskContext<State>, Output) async throws -> Input,
        ifUnknown requestUnknown: (@concurrent @Sendable (TaskContext<State>, Request) async throws -> Input)? = nil
    ) -> StepUndo {
        StepUndo(
            compensation: Compensation(byWorkerOf: queue, config: config, undoesUnknownOutcomes: requestUnknown != nil) {
                (context: TaskContext<State>, receipt) in
                if let asked = receipt.request, let requestUnknown {
                    return try await requestUnknown(context, try Payload.decode(from: asked))
                }
                return try await request(context, try receipt.value())
            })
    }
}
