/// Handlers that wait for signals from outside, or for time to pass. See ``WaitTask`` for what a wait is.
extension StateHandler {
    /// Waits for a signal, and hands its data on.
    ///
    /// ```swift
    /// case .payment: .wait(for: Signal("payment-confirmed", of: Payment.self), .within(.seconds(86_400), else: .expired), then: .ship)
    /// case .ship: .step(taking: Payment.self, then: .done) { payment, context in … }
    /// ```
    ///
    /// - Parameters:
    ///   - signal: The signal.
    ///   - limit: How long at most, and what follows then.
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - next: The state that follows the signal, and takes its data.
    /// - Returns: The handler.
    public static func wait<Value: Codable & Sendable>(
        for signal: Signal<Value>, _ limit: WaitLimit<State>, named name: String? = nil, then next: State
    ) -> StateHandler {
        wait(forFirst: [signal], limit, named: name, leadsTo: [next]) { value, context in try await context.hand(value, to: next) }
            .handing(taken: nil, handedOn: Value.self)
    }

    /// Waits for a signal whose data is not looked at, and hands on nothing.
    public static func wait(
        for signal: Signal<Void>, _ limit: WaitLimit<State>, named name: String? = nil, then next: State
    ) -> StateHandler {
        wait(forFirst: [signal], limit, named: name, leadsTo: [next]) { _, _ in next }
    }

    /// Waits for the first of several signals.
    ///
    /// - Parameters:
    ///   - signals: The signals. Those with data of other types are made alike with ``Signal/map(_:)``.
    ///   - limit: How long at most, and what follows then.
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - config: How the engine treats the task; one attempt unless said.
    ///   - successors: The states the signals may lead to.
    ///   - body: Answers the next state from what the signal says. May be called again after a failure or a crash.
    /// - Returns: The handler.
    public static func wait<Value: Sendable>(
        forFirst signals: [Signal<Value>], _ limit: WaitLimit<State>, named name: String? = nil, config: TaskConfig = .minimal,
        leadsTo successors: [State]? = nil, _ body: @escaping @concurrent @Sendable (Value, TaskContext<State>) async throws -> State
    ) -> StateHandler {
        wait(for: signals, isAllNeeded: false, named: name, config, leadsTo: successors.map { $0 + [limit.next].compactMap(\.self) }) { _ in
            limit
        } received: { values, context in
            guard let value = values.first else { throw CanoError(.workflow, "a wait ended without its signal", isRetryable: false) }
            return try await body(value, context)
        }
    }

    /// Waits for all of several signals, in whatever order they come.
    ///
    /// - Parameters:
    ///   - signals: The signals.
    ///   - limit: How long at most, and what follows then, whichever of them came.
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - config: How the engine treats the task; one attempt unless said.
    ///   - successors: The states the signals may lead to.
    ///   - body: Answers the next state from what the signals say, in the order of the list.
    /// - Returns: The handler.
    public static func wait<Value: Sendable>(
        forAll signals: [Signal<Value>], _ limit: WaitLimit<State>, named name: String? = nil, config: TaskConfig = .minimal,
        leadsTo successors: [State]? = nil, _ body: @escaping @concurrent @Sendable ([Value], TaskContext<State>) async throws -> State
    ) -> StateHandler {
        wait(
            for: signals, isAllNeeded: true, named: name, config, leadsTo: successors.map { $0 + [limit.next].compactMap(\.self) },
            limit: { _ in limit }, received: body)
    }

    /// Waits for the first of several signals, for as long as the run says; see ``wait(forFirst:_:named:config:leadsTo:_:)``.
    ///
    /// - Parameters:
    ///   - signals: The signals.
    ///   - limit: Answers how long at most, and what follows then. Has no effects: it is asked again after the wait.
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - config: How the engine treats the task; one attempt unless said.
    ///   - successors: The states the wait may lead to.
    ///   - body: Answers the next state from what the signal says.
    /// - Returns: The handler.
    public static func wait<Value: Sendable>(
        forFirst signals: [Signal<Value>], limit: @escaping @Sendable (TaskContext<State>) async throws -> WaitLimit<State>,
        named name: String? = nil, config: TaskConfig = .minimal, leadsTo successors: [State]? = nil,
        _ body: @escaping @concurrent @Sendable (Value, TaskContext<State>) async throws -> State
    ) -> StateHandler {
        wait(for: signals, isAllNeeded: false, named: name, config, leadsTo: successors, limit: limit) { values, context in
            guard let value = values.first else { throw CanoError(.workflow, "a wait ended without its signal", isRetryable: false) }
            return try await body(value, context)
        }
    }

    /// Waits for time to pass.
    ///
    /// - Parameters:
    ///   - time: How long, or until when.
    ///   - name: What events, logs and rows call the task; the state's label when `nil`.
    ///   - next: The state that follows.
    /// - Returns: The handler.
    public static func timer(_ time: TimerOutcome, named name: String? = nil, then next: State) -> StateHandler {
        StateHandler(leadsTo: [next]) { state in ClosureTimer(name: name ?? state.label, time: time, next: next).makeNode() }
    }

    private static func wait<Value: Sendable>(
        for signals: [Signal<Value>], isAllNeeded: Bool, named name: String?, _ config: TaskConfig, leadsTo successors: [State]?,
        limit: @escaping @Sendable (TaskContext<State>) async throws -> WaitLimit<State>,
        received: @escaping @concurrent @Sendable ([Value], TaskContext<State>) async throws -> State
    ) -> StateHandler {
        StateHandler(leadsTo: successors) { state in
            SignalTask(
                name: name ?? state.label, config: config, signals: signals, isAllNeeded: isAllNeeded, limit: limit, received: received
            ).makeNode()
        }
    }
}

/// A timer made of a time.
private struct ClosureTimer<State: WorkflowState>: TimerTask {
    let name: String
    let time: TimerOutcome
    let next: State

    func makeNode() -> TaskNode<State> { makeNodeBeginningWithoutEffects() }

    @concurrent func wait(_ context: TaskContext<State>) async throws -> TimerOutcome { time }

    @concurrent func afterWait(_ context: TaskContext<State>) async throws -> State { next }
}
