extension Workflow {
    /// Checks the graph and the resources.
    ///
    /// - Throws: ``CanoError/Category/configuration``, naming every problem at once and what to do about each; one per cause.
    public func validate() throws(CanoError) {
        guard !verdict.isValid else { return }
        let problems = findProblems()
        guard problems.isEmpty else {
            throw CanoError(
                .configuration, "the workflow cannot run: \(problems.joined(separator: "; "))",
                causes: problems.map { CanoError(.configuration, $0) })
        }
        verdict.accept()
    }

    func findProblems() -> [String] {
        var problems: [String] = []
        if order.isEmpty { problems.append("no state has a task: register one") }
        if !nodes.values.contains(where: \.isExit) { problems.append("there is no exit state: add one, or no run can end") }
        for key in resources.duplicates { problems.append("two resources were inserted as \"\(key)\": give one of them another key") }
        return problems
    }

    /// - Throws: ``CanoError/Category/configuration`` when no run can start there.
    func validate(start: State) throws(CanoError) {
        guard nodes[start] == nil else { return }
        throw CanoError(.configuration, "a run cannot start in \"\(start.label)\": no task is registered for it and it is no exit state")
    }
}
