/// Handlers that know the state that follows, and hand a value on to it.
extension StateHandler {
    /// Does the work of a state, and hands on what it comes to.
    ///
    /// The next state takes that value by saying `taking:`, and so does an exit:
    ///
    /// ```swift
    /// switch state {
    /// case .extract: .step(then: .load) { context in try files(in: context.input) }
    /// case .load: .step(taking: [String].self, then: .done) { files, context in try await load(files) }
    /// case .done: .exit(taking: Int.self) { rows, run in rows }
    /// }
    /// ```
    ///
    /// The value is written to the run's store with what else the attempt wrote, under `handed-to:` and the label of the next state, and
    /// stays there until another one is handed on to that state. A state need not take it; ``Workflow/validate()`` finds one that takes
    /// what a state before it does not hand on, and one that takes a value though runs start there.
    ///
    /// - Parameters:
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - config: How the engine treats it.
    ///   - next: The state that follows.
    ///   - body: The work; answers what the next state takes.
    /// - Returns: The handler.
    public static func step<Value: Codable & Sendable>(
        _ name: String? = nil, config: TaskConfig = TaskConfig(), then next: State,
        _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Value
    ) -> StateHandler {
        task(name, config: config, leadsTo: [next]) { context in try await context.hand(try await body(context), to: next) }
            .handing(taken: nil, handedOn: Value.self)
    }

    /// Does the work of a state with what was handed on to it, and hands on what it comes to.
    ///
    /// The attempt fails with ``CanoError/Category/store`` and the code `missing_value` when nothing was handed on.
    public static func step<Taken: Codable & Sendable, Value: Codable & Sendable>(
        _ name: String? = nil, config: TaskConfig = TaskConfig(), taking type: Taken.Type, then next: State,
        _ body: @escaping @concurrent @Sendable (Taken, TaskContext<State>) async throws -> Value
    ) -> StateHandler {
        task(name, config: config, leadsTo: [next]) { context in
            try await context.hand(try await body(try await context.handed(), context), to: next)
        }.handing(taken: type, handedOn: Value.self)
    }

    /// Does the work of a state, and hands on nothing.
    public static func step(
        _ name: String? = nil, config: TaskConfig = TaskConfig(), then next: State,
        _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Void
    ) -> StateHandler {
        task(name, config: config, leadsTo: [next]) { context in
            try await body(context)
            return next
        }
    }

    /// Does the work of a state with what was handed on to it, and hands on nothing.
    public static func step<Taken: Codable & Sendable>(
        _ name: String? = nil, config: TaskConfig = TaskConfig(), taking type: Taken.Type, then next: State,
        _ body: @escaping @concurrent @Sendable (Taken, TaskContext<State>) async throws -> Void
    ) -> StateHandler {
        task(name, config: config, leadsTo: [next]) { context in
            try await body(try await context.handed(), context)
            return next
        }.handing(taken: type, handedOn: nil)
    }

    /// Does work that decides between two states, and hands on nothing.
    ///
    /// - Parameters:
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - config: How the engine treats it.
    ///   - next: The state that follows a yes.
    ///   - other: The state that follows a no.
    ///   - body: The work; answers yes or no.
    /// - Returns: The handler.
    public static func decision(
        _ name: String? = nil, config: TaskConfig = TaskConfig(), then next: State, else other: State,
        _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Bool
    ) -> StateHandler {
        task(name, config: config, leadsTo: [next, other]) { context in try await body(context) ? next : other }
    }

    /// Does the work of a state, decides between two states by what it comes to, and hands that on to the one that follows.
    ///
    /// - Parameters:
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - config: How the engine treats it.
    ///   - isMet: Decides, by what the work has come to. Has no effects.
    ///   - next: The state that follows a yes.
    ///   - other: The state that follows a no.
    ///   - body: The work; answers what the next state takes.
    /// - Returns: The handler.
    public static func decision<Value: Codable & Sendable>(
        _ name: String? = nil, config: TaskConfig = TaskConfig(), if isMet: @escaping @Sendable (Value) -> Bool, then next: State,
        else other: State, _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Value
    ) -> StateHandler {
        task(name, config: config, leadsTo: [next, other]) { context in
            let value = try await body(context)
            return try await context.hand(value, to: isMet(value) ? next : other)
        }.handing(taken: nil, handedOn: Value.self)
    }

    /// Does the work of a state with what was handed on to it, decides between two states by what it comes to, and hands that on.
    public static func decision<Taken: Codable & Sendable, Value: Codable & Sendable>(
        _ name: String? = nil, config: TaskConfig = TaskConfig(), taking type: Taken.Type, if isMet: @escaping @Sendable (Value) -> Bool,
        then next: State, else other: State,
        _ body: @escaping @concurrent @Sendable (Taken, TaskContext<State>) async throws -> Value
    ) -> StateHandler {
        task(name, config: config, leadsTo: [next, other]) { context in
            let value = try await body(try await context.handed(), context)
            return try await context.hand(value, to: isMet(value) ? next : other)
        }.handing(taken: type, handedOn: Value.self)
    }

    /// Runs a step that can be undone, and hands on its receipt; see ``CompensatableTask``.
    ///
    /// - Parameters:
    ///   - name: The name under which receipts are stored and undone: it must stay the same between releases, and be another for each
    ///     state of a workflow.
    ///   - config: How the engine treats the work.
    ///   - undoConfig: How the engine treats undoing it.
    ///   - next: The state that follows.
    ///   - body: The work; answers what undoing it takes, which the next state may take too.
    ///   - undo: Undoes the work. May be called again after a crash.
    /// - Returns: The handler.
    public static func sagaStep<Receipt: Codable & Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), undoConfig: TaskConfig = TaskConfig(), then next: State,
        _ body: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Receipt,
        undo: @escaping @concurrent @Sendable (TaskContext<State>, Receipt) async throws -> Void
    ) -> StateHandler {
        sagaStep(
            name, config: config, undoConfig: undoConfig, leadsTo: [next],
            { context in
                let receipt = try await body(context)
                return (try await context.hand(receipt, to: next), receipt)
            }, undo: undo
        ).handing(taken: nil, handedOn: Receipt.self)
    }

    /// Runs a step that can be undone with what was handed on to it, and hands on its receipt.
    public static func sagaStep<Taken: Codable & Sendable, Receipt: Codable & Sendable>(
        _ name: String, config: TaskConfig = TaskConfig(), undoConfig: TaskConfig = TaskConfig(), taking type: Taken.Type,
        then next: State,
        _ body: @escaping @concurrent @Sendable (Taken, TaskContext<State>) async throws -> Receipt,
        undo: @escaping @concurrent @Sendable (TaskContext<State>, Receipt) async throws -> Void
    ) -> StateHandler {
        sagaStep(
            name, config: config, undoConfig: undoConfig, leadsTo: [next],
            { context in
                let receipt = try await body(try await context.handed(), context)
                return (try await context.hand(receipt, to: next), receipt)
            }, undo: undo
        ).handing(taken: type, handedOn: Receipt.self)
    }

    /// Ends the run with an output made of what was handed on.
    ///
    /// - Parameters:
    ///   - type: The type of what is taken.
    ///   - output: Makes the output from the value and what else the run leaves behind. May be called again after a crash; an error fails
    ///     the run without undoing it.
    /// - Returns: The handler.
    public static func exit<Taken: Codable & Sendable>(
        taking type: Taken.Type,
        _ output: @escaping @concurrent @Sendable (Taken, RunResult<State>) async throws -> State.Output
    ) -> StateHandler {
        exit { run in try await output(try await run.store.handed(to: run.state.label), run) }.handing(taken: type, handedOn: nil)
    }

    /// The same handler, which takes and hands on values of these types.
    func handing(taken: Any.Type?, handedOn: Any.Type?) -> StateHandler {
        StateHandler(role: role, handed: HandedTypes(taken: taken, handedOn: handedOn))
    }
}
