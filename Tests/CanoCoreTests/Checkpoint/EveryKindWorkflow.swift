import CanoCore

/// A workflow with a state of every kind a log can tell apart, which notes what it does by visit.
struct EveryKindWorkflow {
    let journal: Journal<String>
    /// Where plain states and steps lead.
    let next: Kind
    /// Whether plain states fail.
    let fails: Bool

    private struct Undoable: CompensatableTask {
        let name: String
        let next: Kind
        let journal: Journal<String>
        var config: TaskConfig { .minimal }
        var compensationConfig: TaskConfig { .minimal }

        func run(_ context: TaskContext) async throws -> (Kind, Int) {
            journal.add("run \(context.visit)")
            return (next, context.visit)
        }

        func compensate(_ context: TaskContext, _ visit: Int) async throws { journal.add("undo \(visit)") }
    }

    private struct Steps: SteppedTask {
        let name = Kind.steps.label
        let next: Kind
        let journal: Journal<String>

        func step(_ context: TaskContext, from cursor: Int?) async throws -> StepOutcome<Int, Kind> {
            journal.add("step \(context.visit).\(cursor ?? 0)")
            let done = (cursor ?? 0) + 1
            return done > 2 ? .done(next) : .more(done)
        }
    }

    private struct Timer: TimerTask {
        let name = Kind.timer.label
        let next: Kind
        let journal: Journal<String>

        func wait(_ context: TaskContext) async throws -> TimerOutcome {
            journal.add("wait \(context.visit)")
            return .duration(.seconds(5))
        }

        func afterWait(_ context: TaskContext) async throws -> Kind { next }
    }

    /// plain → … as `next` says; book → reserve → steps → timer → plain otherwise.
    var workflow: Workflow<Kind> {
        let (journal, next, fails) = (journal, next, fails)
        return Workflow<Kind>()
            .register(.plain, name: Kind.plain.label, config: .minimal) { context in
                journal.add("plain \(context.visit)")
                if fails { throw Mishap() }
                return next
            }
            .register(.book, Undoable(name: Kind.book.label, next: .reserve, journal: journal))
            .register(.reserve, Undoable(name: Kind.reserve.label, next: .steps, journal: journal))
            .register(.steps, Steps(next: .timer, journal: journal))
            .register(.timer, Timer(next: .plain, journal: journal))
            .addExitState(.done)
    }
}
