extension RunDriver {
    /// How far the split was whose state is visited.
    ///
    /// - Throws: ``LogRefusal`` when the log is that of a split with other branches.
    func past(of branches: [SplitBranch], _ node: StateNode<State>) throws -> SplitPast {
        guard isLogging, logged.progress.hasBranches else { return SplitPast() }
        do {
            return try SplitPast(logged.progress, of: branches)
        } catch {
            throw LogRefusal(error: CanoError(error).placed(in: node.identity, path: path.recent))
        }
    }

    /// Makes rows of branches durable, and what they say a part of what is known of the visit.
    ///
    /// - Returns: Where the run waits.
    mutating func append(_ batch: BranchBatch, of branches: [SplitBranch], _ node: StateNode<State>) async throws -> WaitBeginning {
        guard let box = run.runtime.log else { return .here }
        for row in batch.rows { tellEnd(of: row, branches[row.index], node) }
        if let first = logged.firstToGather() { try await gather(from: first, in: box, node) }
        let rows = batch.written.map { row in
            var written = CheckpointRow(
                sequence: logged.nextSequence, kind: row.kind, state: node.label, task: branches[row.index].identity.taskName,
                visit: visit, branch: row.index, payload: row.payload, version: workflow.version)
            written.request = row.request
            return written
        }
        logged.taken = batch.rows.flatMap(\.consumes)
        // The branches know what they took, should the rows not be written.
        defer { logged.taken = [] }
        var beginning = try await core.append(contentsOf: rows, to: box, opening: batch.opening)
        for row in batch.written {
            switch row.content {
            case .progress(let progress, _, _): logged.progress[.branch(row.index)] = progress
            case .end: logged.progress.end(row.index, as: row.payload)
            }
        }
        if case .putDown = beginning, let signals = try await box.log.untilWokenHere(run.id) { beginning = .arrived(signals) }
        if case .arrived(let signals) = beginning { run.inbox?.deliver(signals) }
        return beginning
    }

    /// Puts one row in the place of all that branches have written: polls, for instance, would fill the log in the long run.
    private mutating func gather(from first: Int, in box: WorkflowRuntime.LogBox, _ node: StateNode<State>) async throws {
        var part = PartProgress()
        part.branches = GatheredBranches(logged.progress)
        let row = CheckpointRow(
            sequence: logged.nextSequence, kind: .waiting, state: node.label, visit: visit, payload: try part.encoded(), replaces: first,
            version: workflow.version)
        _ = try await core.append(contentsOf: [row], to: box, opening: nil)
    }

    /// Observers hear of an end together with its row.
    private func tellEnd(of row: BranchRow, _ branch: SplitBranch, _ node: StateNode<State>) {
        guard isObserved, case .end(let outcome) = row.content else { return }
        switch outcome {
        case .success: emit(.taskSucceeded(state: node.label, task: branch.identity.taskName))
        case .failure(let error): emit(.taskFailed(state: node.label, task: branch.identity.taskName, error: CanoError(error)))
        }
    }

    /// Tells observers and metrics how the branches of a split ended: by index, once the join is decided.
    ///
    /// - Parameters:
    ///   - end: How the split ended. Of branches whose rows were written observers know already.
    ///   - branches: The branches.
    ///   - node: Their state.
    func report(_ end: SplitEnd, of branches: [NodeIdentity], _ node: StateNode<State>) {
        let result = end.result
        var errors: [Int: CanoError] = [:]
        for failure in result.failures { errors[failure.index] = failure.error }
        for index in result.cancelled {
            errors[index] = CanoError(
                .cancelled, "the join no longer needs this branch", state: node.label, task: branches[index].taskName)
        }
        for (index, branch) in branches.enumerated() where !end.told.contains(index) {
            if let error = errors[index] {
                emit(.taskFailed(state: node.label, task: branch.taskName, error: error))
            } else {
                emit(.taskSucceeded(state: node.label, task: branch.taskName))
            }
        }
        let metrics = run.runtime.metrics
        metrics?.count(.splitBranchResults, "success", by: result.successes.count)
        metrics?.count(.splitBranchResults, "failure", by: result.failures.count)
        metrics?.count(.splitBranchResults, "cancelled", by: result.cancelled.count)
    }
}
