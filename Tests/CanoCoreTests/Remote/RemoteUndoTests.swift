import CanoCore
import CanoTesting
import Testing

/// Steps that workers do and undo, in runs whose host keeps waits and hands work out.
@Suite(.timeLimit(.minutes(5))) struct RemoteUndoTests {
    private typealias Undo = StepUndo<RemoteOrder, Payment, Receipt>

    private let clock = ManualClock(unixMilliseconds: 0)

    /// How the run ends, or where it waits.
    private func drive(
        _ host: ParkingHost, _ workflow: Workflow<RemoteOrder>, until death: ParkingHost.Death? = nil, control: RunControl? = nil,
        compensationTimeout: Duration? = nil
    ) async -> String {
        do {
            return try await host.drive(workflow, until: death, control: control, compensationTimeout: compensationTimeout).summary
        } catch {
            return "\(error.rollback.rawValue) \(([error] + error.causes).map(\.code).joined(separator: " "))"
        }
    }

    private func paid(_ workflow: Workflow<RemoteOrder>) async -> ParkingHost {
        let host = ParkingHost(on: clock, handsOut: true)
        #expect(await drive(host, workflow) == "waiting")
        host.answer(host.requests[0], .receipt(7))
        return host
    }

    @Test("undoing is handed out with a row of the rollback, and the run is put down until it is done")
    func handedOut() async throws {
        let workflow = Workflow.refunding()
        let host = await paid(workflow)
        #expect(await drive(host, workflow) == "waiting")
        #expect(host.rows.map(\.kind) == [.compensationCompletion, .stateEntry, .rollbackStart, .waiting])
        #expect(host.waits.last == RunWait([OpenWait(signals: ["//1-undo"])]))
        #expect(host.requests.map(\.text) == [#"{"cents":5}"#, #"{"of":7}"#])
        // One that is woken too early waits on, and nothing is handed out again.
        #expect(await drive(host, workflow) == "waiting")
        #expect(host.requests.count == 2)
        host.answer(host.requests[1], .done)
        #expect(await drive(host, workflow) == "clean mishap")
        #expect(host.rows.last?.kind == .compensated)
        #expect(host.unread.isEmpty)
    }

    @Test("an answer to the work that comes late is none to undoing it")
    func lateAnswer() async throws {
        let workflow = Workflow.refunding()
        let host = await paid(workflow)
        _ = await drive(host, workflow)
        host.answer(host.requests[0], .receipt(8), id: "late")
        #expect(await drive(host, workflow) == "waiting")
        #expect(host.rows.last?.kind == .waiting)
    }

    @Test("an attempt at undoing that fails, or is not done in time, is followed by another one")
    func retried() async throws {
        let workflow = Workflow.refunding(
            undo: .refund(TaskConfig(retry: .fixed(retries: 2, delay: .seconds(60)), attemptTimeout: .seconds(30))))
        let host = await paid(workflow)
        #expect(await drive(host, workflow) == "waiting until 30000")
        host.answer(host.requests[1], .failure())
        #expect(await drive(host, workflow) == "waiting until 60000")
        clock.advance(by: .seconds(60))
        #expect(await drive(host, workflow) == "waiting until 90000")
        clock.advance(by: .seconds(30))
        #expect(await drive(host, workflow) == "waiting until 150000")
        clock.advance(by: .seconds(60))
        #expect(await drive(host, workflow) == "waiting until 180000")
        #expect(host.requests.dropFirst().map(\.attempt) == [1, 2, 3])
        // The second one has done it after all.
        host.answer(host.requests[2], .done)
        #expect(await drive(host, workflow) == "clean mishap")
    }

    @Test("undoing that fails for good leaves the step, and a run that is resumed after that asks for it anew")
    func failsForGood() async throws {
        let workflow = Workflow.refunding()
        let host = await paid(workflow)
        _ = await drive(host, workflow)
        host.answer(host.requests[1], .failure("closed"))
        #expect(await drive(host, workflow) == "partial compensation_failed mishap closed")
        host.end()
        #expect(await drive(host, workflow) == "waiting")
        #expect(host.requests.map(\.leg) == ["//1", "//1-undo", "//1-undo"])
        host.answer(host.requests[2], .done)
        #expect(await drive(host, workflow) == "clean mishap")
    }

    @Test("a step that fails for good has its work asked for anew by a run that is resumed after that")
    func resumedAfterItsEnd() async throws {
        let (host, workflow) = (ParkingHost(on: clock, handsOut: true), Workflow.refunding { _ in })
        _ = await drive(host, workflow)
        host.answer(host.requests[0], .failure("closed"))
        #expect(await drive(host, workflow) == "none closed")
        host.end()
        #expect(await drive(host, workflow) == "waiting")
        #expect(host.requests.count == 2)
        host.answer(host.requests[1], .receipt(1))
        #expect(await drive(host, workflow) == "done")
    }

    @Test("what a worker has answered before a cancelled run was woken is undone")
    func cancelledWithAnAnswer() async throws {
        let workflow = Workflow.refunding()
        let host = await paid(workflow)
        let control = RunControl()
        control.stop(.cancelled(reason: "enough"))
        #expect(await drive(host, workflow, control: control) == "waiting")
        #expect(host.rows.map(\.kind) == [.waiting, .rollbackStart, .waiting])
        #expect(host.unread.isEmpty)
        #expect(host.requests.last?.text == #"{"of":7}"#)
        host.answer(host.requests[1], .done)
        #expect(await drive(host, workflow, control: control) == "clean cancelled")
    }

    @Test("a cancellation reaches no rollback, which waits for its worker all the same")
    func cancelledWhileUndone() async throws {
        let workflow = Workflow.refunding()
        let host = await paid(workflow)
        _ = await drive(host, workflow)
        let control = RunControl()
        control.stop(.cancelled(reason: "enough"))
        #expect(await drive(host, workflow, control: control) == "waiting")
        host.answer(host.requests[1], .done)
        #expect(await drive(host, workflow, control: control) == "clean mishap")
        #expect(host.requests.count == 2)
    }

    @Test("work that is with a worker when the run is cancelled is undone where the step says how", arguments: [false, true])
    func cancelled(undoesUnknown: Bool) async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        let workflow = Workflow.refunding(undo: undoesUnknown ? .refundInAnyCase() : .refund())
        _ = await drive(host, workflow)
        let control = RunControl()
        control.stop(.cancelled(reason: nil))
        guard undoesUnknown else { return #expect(await drive(host, workflow, control: control) == "none cancelled") }
        #expect(await drive(host, workflow, control: control) == "waiting")
        #expect(host.requests.map(\.text) == [#"{"cents":5}"#, #"{"of":-5}"#])
        host.answer(host.requests[1], .done)
        #expect(await drive(host, workflow, control: control) == "clean cancelled")
    }

    @Test("work that was not handed out has no outcome to undo")
    func notHandedOut() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        let workflow = Workflow<RemoteOrder>("w", startingAt: .charge) { state in
            switch state {
            case .charge:
                .remote("bank", queue: "payments", config: .minimal, giving: Receipt.self, then: .ship, undo: .refundInAnyCase()) { _ in
                    throw Mishap()
                }
            default: .exit
            }
        }
        #expect(await drive(host, workflow) == "none mishap")
        #expect(host.requests.isEmpty)
    }

    @Test("work that the run was cancelled before it was handed out has no outcome to undo")
    func cancelledBeforeHandedOut() async throws {
        let (host, control) = (ParkingHost(on: clock, handsOut: true), RunControl())
        let workflow = Workflow<RemoteOrder>("w", startingAt: .charge) { state in
            switch state {
            case .charge:
                .remote("bank", queue: "payments", config: .minimal, giving: Receipt.self, then: .ship, undo: .refundInAnyCase()) { _ in
                    control.stop(.cancelled(reason: nil))
                    return Payment()
                }
            default: .exit
            }
        }
        #expect(await drive(host, workflow, control: control) == "none cancelled")
        #expect(host.requests.isEmpty)
    }

    @Test("a rollback's time goes on while a worker undoes a step, whoever has the run")
    func rollbackTime() async throws {
        let workflow = Workflow.refunding()
        let host = await paid(workflow)
        #expect(await drive(host, workflow, compensationTimeout: .seconds(40)) == "waiting until 40000")
        clock.advance(by: .seconds(25))
        #expect(await drive(host, workflow, compensationTimeout: .seconds(40)) == "waiting until 40000")
        clock.advance(by: .seconds(15))
        #expect(
            await drive(host, workflow, compensationTimeout: .seconds(40))
                == "partial compensation_failed mishap orphaned_compensation timeout")
        // A resume begins to count anew.
        host.end()
        #expect(await drive(host, workflow, compensationTimeout: .seconds(40)) == "waiting until 80000")
        host.answer(host.requests[2], .done)
        #expect(await drive(host, workflow, compensationTimeout: .seconds(40)) == "clean mishap")
    }

    @Test("a step that could not be undone is tried again by a resume, and not each time that a rollback is woken")
    func leftStep() async throws {
        let undone = Journal<Int>()
        let workflow = Workflow<RemoteOrder>("w", startingAt: .charge) { state in
            switch state {
            case .charge:
                .remote("bank", queue: "payments", config: .minimal, giving: Receipt.self, then: .refused, undo: .refund()) { _ in Payment()
                }
            case .refused:
                .sagaStep("stock", config: .minimal, undoConfig: .minimal, then: .ship) { _ in
                    1
                } undo: { context, _ in
                    undone.add(context.visit)
                    throw Mishap(code: "stuck")
                }
            case .ship: .task(config: .minimal, leadsTo: [.done]) { _ in throw Mishap() }
            case .done: .exit
            }
        }
        let host = await paid(workflow)
        #expect(await drive(host, workflow) == "waiting")
        #expect(await drive(host, workflow) == "waiting")
        #expect(undone.entries == [2])
        host.answer(host.requests[1], .failure("closed"))
        #expect(await drive(host, workflow) == "partial compensation_failed mishap stuck closed")
        host.end()
        #expect(await drive(host, workflow) == "waiting")
        #expect(undone.entries == [2, 2])
        host.answer(host.requests[2], .done)
        #expect(await drive(host, workflow) == "partial compensation_failed mishap stuck")
        #expect(undone.entries == [2, 2])
    }

    @Test(
        "whichever row the process of a run dies at, its work and the undoing of it are handed out once for each attempt, and it is undone",
        arguments: [false, true])
    func everyDeath(isLost: Bool) async throws {
        let config = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(60)))
        // The first attempts fail. In the one case the second one does the work, in the other it is lost.
        let answers: [WorkAnswer] = [
            .failure(), isLost ? .failure("worker_lost") : .receipt(7), .failure(), .done,
        ]
        for life in 0..<9 {
            for death in (0..<4).flatMap({ row in [true, false].map { ParkingHost.Death(row: row, isWritten: $0) } }) {
                let clock = ManualClock(unixMilliseconds: 0)
                let (host, workflow) = (ParkingHost(on: clock, handsOut: true), Workflow.refunding(config, undo: .refundInAnyCase(config)))
                var (end, answered) = ("", 0)
                for present in 0..<40 where !end.hasPrefix("clean") {
                    end = await drive(host, workflow, until: present == life ? death : nil)
                    guard end.hasPrefix("waiting") else { continue }
                    if end != "waiting" {
                        clock.advance(by: .seconds(60))
                    } else if host.requests.count > answered {
                        answered += 1
                        host.answer(host.requests[answered - 1], answers[answered - 1])
                    }
                }
                let place: Comment = "\(death) in \(life)"
                #expect(end.hasPrefix("clean"), place)
                #expect(host.requests.map(\.leg) == ["//1", "//1", "//1-undo", "//1-undo"], place)
                #expect(host.requests.map(\.attempt) == [1, 2, 1, 2], place)
                #expect(host.requests.last?.text == (isLost ? #"{"of":-5}"# : #"{"of":7}"#), place)
                #expect(host.unread.isEmpty && !host.wasTouchedAfterDeath, place)
                #expect(clock.unixMilliseconds == 120_000, place)
            }
        }
    }
}
