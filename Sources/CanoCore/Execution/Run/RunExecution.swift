import Tracing

/// Executes runs from their beginning to their end, with all that goes around their states: metrics, a span, resources of
/// their own, and in the end letting go of their log.
enum RunExecution<State: WorkflowState> {
    /// How a run ended. Everything that can go wrong is in it.
    typealias End = Result<RunOutcome<State>, CanoError>

    /// Executes a run.
    static func end(
        of run: Run<State>, through workflow: Workflow<State>, under control: RunControl?, in runtime: WorkflowRuntime
    ) async -> End {
        let start = runtime.metrics == nil ? nil : runtime.clock.now
        if start != nil { runtime.metrics?.move(.workflowActive, by: 1) }
        let end =
            if runtime.tracer != nil || workflow.resources.hasPerRun {
                await withSpan(of: run, through: workflow.name, in: runtime) {
                    await withPerRunResources(of: workflow, for: run, under: control, in: runtime) { resources in
                        await execute(run, through: workflow, with: resources, under: control, in: runtime)
                    }
                }
            } else {
                await execute(run, through: workflow, with: workflow.resources, under: control, in: runtime)
            }
        if let start { count(end, since: start, under: control, in: runtime) }
        return await leaveLog(of: run.id, at: end, in: runtime)
    }

    /// Lets go of the log of a run that has come to an end here, unless the end was an exit or another process executes it.
    static func leaveLog(of run: RunID, at end: End, in runtime: WorkflowRuntime) async -> End {
        switch end {
        case .success(.completed):
            return end
        case .failure(var error) where error.isElsewhere:
            // For its receiver the error is one like any other, also when that is a task of another run.
            error.isElsewhere = false
            return .failure(error)
        default:
            await releaseLog(of: run, in: runtime)
            return end
        }
    }

    /// Tells the checkpoint store that the run is executed here no more, and not because it has ended in an exit state.
    static func releaseLog(of run: RunID, in runtime: WorkflowRuntime) async { await runtime.releaseLog(of: run) }

    private static func count(_ end: End, since start: MonotonicInstant, under control: RunControl?, in runtime: WorkflowRuntime) {
        guard let metrics = runtime.metrics else { return }
        metrics.move(.workflowActive, by: -1)
        let outcome =
            switch end {
            case .success(.completed): "completed"
            case .success(.waiting): "waiting"
            case .success(.relinquished): "relinquished"
            // A task may throw such an error of its own: that of another run that was cancelled, for instance.
            case .failure(let error): error.category == .cancelled && wasCancelled(control) ? "cancelled" : "failed"
            }
        metrics.count(.workflowRuns, outcome)
        metrics.record(.workflowDuration, start.duration(to: runtime.clock.now), outcome)
    }

    private static func wasCancelled(_ control: RunControl?) -> Bool { control?.wasCancelled ?? Task.isCancelled }

    private static func withSpan(
        of run: Run<State>, through workflow: String, in runtime: WorkflowRuntime, _ body: () async -> End
    ) async -> End {
        guard let tracer = runtime.tracer else { return await body() }
        let name = if case .resumed = run.start { "workflow_resume" } else { "workflow_orchestrate" }
        return await tracer.withAnySpan(name, context: ServiceContext.current ?? .topLevel, ofKind: .internal) { span in
            span.updateAttributes {
                $0["cano.run"] = "\(run.id)"
                $0["cano.workflow"] = workflow
            }
            let end = await body()
            switch end {
            case .success(.completed): break
            case .success(.waiting): span.show(.left("waiting"))
            case .success(.relinquished): span.show(.left("relinquished"))
            case .failure(let error): span.show(.failed(error))
            }
            return end
        }
    }

    private static func withPerRunResources(
        of workflow: Workflow<State>, for run: Run<State>, under control: RunControl?, in runtime: WorkflowRuntime,
        _ body: (Resources) async -> End
    ) async -> End {
        guard workflow.resources.hasPerRun else { return await body(workflow.resources) }
        let resources: Resources
        let managed: [ManagedResource]
        do {
            (resources, managed) = try await workflow.resources.made(for: run.id, logger: runtime.logger)
        } catch {
            guard Task.isCancelled, let control else { return .failure(CanoError(error)) }
            switch control.handoffReason ?? control.resolveReason() {
            case .handBack, .ownershipLost: return .success(.relinquished(control.handoffReason ?? .handBack))
            case .timedOut:
                return .failure(
                    CanoError(
                        .workflowTimeout, "the run took the \(run.timeout ?? .zero) it has to make its resources", underlying: error))
            case .cancelled(let reason):
                let why = reason.map { ": \($0)" } ?? ""
                return .failure(
                    CanoError(.cancelled, "the run was cancelled while its resources were made\(why)", underlying: error))
            }
        }
        let end = await body(resources)
        await ResourceLifecycle.tearDown(managed, logger: runtime.logger)
        return end
    }

    private static func execute(
        _ run: Run<State>, through workflow: Workflow<State>, with resources: Resources, under control: RunControl?,
        in runtime: WorkflowRuntime
    ) async -> End {
        var driver = RunDriver(run, of: workflow.definition, with: resources, under: control, in: runtime)
        let beginning: RunDriver<State>.Beginning
        // A log that cannot be resumed is left as it is: nothing runs and nothing is undone.
        do { beginning = try driver.begin(run.start) } catch { return .failure(error) }
        switch beginning {
        case .forward(let anchor):
            do {
                return .success(.completed(try await driver.runToExit(from: anchor)))
            } catch {
                return await driver.end(after: error)
            }
        case .rollback(let failure):
            return await driver.rollBack(after: failure, isRecorded: true)
        }
    }
}

extension WorkflowRuntime {
    /// Tells the checkpoint store that a run is executed here no more, and not because it has ended in an exit state.
    func releaseLog(of run: RunID) async {
        guard let checkpoints else { return }
        guard Task.isCancelled else { return await checkpoints.release(run) }
        await Task { await checkpoints.release(run) }.value
    }
}
