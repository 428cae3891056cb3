public import Synchronization

extension Workflow {
    /// Checks the graph and the resources.
    ///
    /// - Throws: ``CanoError/Category/configuration``, naming every problem at once and what to do about each; one per cause.
    @inlinable public func validate() throws(CanoError) {
        guard !definition.isValid.load(ordering: .relaxed) else { return }
        try validateAnew()
    }

    @usableFromInline func validateAnew() throws(CanoError) {
        let problems = findProblems()
        guard problems.isEmpty else {
            throw CanoError(
                .configuration, "the workflow cannot run: \(problems.joined(separator: "; "))",
                causes: problems.map { CanoError(.configuration, $0) })
        }
        definition.isValid.store(true, ordering: .relaxed)
    }

    private func findProblems() -> [String] {
        var problems: [String] = []
        if registeredStates.isEmpty { problems.append("no state has a task: register one") }
        if !definition.graph.nodes.contains(where: \.isExit) { problems.append("there is no exit state: add one, or no run can end") }
        problems += unregisteredCases.map { "state \"\($0.label)\" is neither registered nor an exit state: do one of the two" }
        problems += ambiguousLabels
        problems += ambiguousCompensations
        problems += handedMismatches
        for state in registeredStates {
            guard let node = node(of: state) else { continue }
            problems += node.problems(in: self)
        }
        for key in resources.duplicates { problems.append("two resources were inserted as \"\(key)\": give one of them another key") }
        return problems
    }

    /// Of a state type that can be enumerated, the cases that are neither registered nor an exit.
    private var unregisteredCases: [State] {
        func cases<Cases: CaseIterable>(of type: Cases.Type) -> [State] { type.allCases.compactMap { $0 as? State } }
        guard let type = State.self as? any CaseIterable.Type else { return [] }
        return cases(of: type).filter { node(of: $0) == nil }
    }

    /// Labels that a stored log could not be read back from.
    private var ambiguousLabels: [String] {
        definition.graph.nodes.filter { State(label: $0.label) != $0.state }.map(\.label).sorted().map {
            "the label \"\($0)\" does not lead back to its state: a stored run could not be resumed, so make labels unique and readable"
        }
    }

    /// Names under which a stored output could be undone by the wrong task.
    private var ambiguousCompensations: [String] {
        var states: [String: [String]] = [:]
        for node in definition.graph.nodes {
            if node.compensation != nil { states[node.identity.taskName, default: []].append(node.label) }
        }
        return states.sorted { $0.key < $1.key }.compactMap { name, labels in
            if name.isEmpty { return "the compensatable task of state \"\(labels[0])\" has no name: give it one that stays the same" }
            guard labels.count > 1 else { return nil }
            return
                "the compensatable tasks of the states \(labels.joined(separator: ", ")) are all called \"\(name)\": give each another name"
        }
    }

    /// States that take what is not handed on to them.
    private var handedMismatches: [String] {
        definition.graph.nodes.flatMap { taker -> [String] in
            guard let taken = taker.handed.taken else { return [] }
            var problems: [String] = []
            for node in definition.graph.nodes where node.leadsTo?.contains(taker.state) == true && node.handed.handedOn != taken {
                let (handedOn, advice) =
                    node.handed.handedOn.map { ("\($0)", "make them the same type") } ?? ("nothing", "hand one on, or take nothing")
                problems.append(
                    "state \"\(node.label)\" hands on \(handedOn) to state \"\(taker.label)\", which takes \(taken): \(advice)")
            }
            if definition.start == taker.state {
                problems.append(
                    "state \"\(taker.label)\" takes \(taken), but runs start there, with nothing handed on: take the input instead")
            }
            return problems
        }
    }

    /// What it means that no run can start there.
    @usableFromInline func unknown(_ start: State) -> CanoError {
        CanoError(.configuration, "a run cannot start in \"\(start.label)\": no task is registered for it and it is no exit state")
    }
}

extension StateNode {
    /// What is wrong with this node of the graph.
    fileprivate func problems(in workflow: Workflow<State>) -> [String] {
        var problems: [String] = []
        for requirement in requirements {
            guard let problem = workflow.resources.problem(with: requirement) else { continue }
            problems.append("state \"\(label)\" requires resource \"\(requirement.name)\", which \(problem): insert it")
        }
        for successor in leadsTo ?? [] where workflow.node(of: successor) == nil {
            problems.append(
                "state \"\(label)\" leads to \"\(successor.label)\", which is neither registered nor an exit state: do one of the two")
        }
        if case .split(let split) = handler {
            problems += split.join.problems(branches: split.branches.count).map { "the split in state \"\(label)\" \($0)" }
        }
        return problems
    }
}

extension JoinConfig {
    /// What makes the join impossible to meet, or meaningless.
    /// Only a run knows the number of branches where it is `nil`.
    fileprivate func problems(branches: Int?) -> [String] {
        var problems: [String] = []
        guard branches != 0 else { return ["has no branches: give it one"] }
        if let bulkhead, bulkhead < 1 { problems.append("has a bulkhead of \(bulkhead): let at least one branch run") }
        if let timeout, timeout <= .zero { problems.append("has a timeout of \(timeout), over before it begins: give it more, or none") }
        switch strategy {
        case .partialTimeout where timeout == nil:
            problems.append("joins with what is there at its timeout and has none: give it one")
        case .percentage(let share) where !(share.isFinite && share > 0 && share <= 1):
            problems.append("joins at a share of \(share): give it one above 0 and at most 1")
        case .quorum(let count) where count < 1 || count > branches ?? .max:
            problems.append(
                "joins with \(count) of \(named(branches)): ask for a number from 1 to \(branches.map(String.init) ?? "theirs")")
        case .partialResults(let count) where count < 0 || count > branches ?? .max:
            problems.append(
                "joins with \(count) of \(named(branches)): ask for a number from 0 to \(branches.map(String.init) ?? "theirs")")
        default:
            break
        }
        return problems
    }

    private func named(_ branches: Int?) -> String { branches.map { "\($0) branches" } ?? "branches that a run makes" }
}
