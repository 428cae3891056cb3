import CanoPrimitives
import Testing

@testable import CanoCore

extension Fuzzing {
    @Suite("Any cron expression", .timeLimit(.minutes(FuzzPlan.current.minutes)))
    struct CronFuzzTests {
        private struct Question {
            let text: String
            let zone: String
            let moment: Int64
            /// Where between the moment and what is due next the question is asked again, in thousandths.
            let share: Int64
        }

        private static let mutator = ByteMutator(
            examples: [
                "30 2 * * mon-fri", "*/15 9-17/2 1,15 * ?", "0 0 29 2 *", "5/10 * * * * *", "0 0 12 ? jan,jul sun 2026-2030/2", "@daily",
                "@yearly",
                "0 30 3 31 3,10 * *", "59 59 23 31 12 ? 2099", "0 0 * * 7",
            ],
            tokens: [
                "*", "?", "/", "-", ",", " ", "\t", "@hourly", "@", "mon", "SUN", "jan", "dec", "L", "W", "#", "*/7", "1-5", "59", "60",
                "23",
                "24", "31",
                "2099", "2100", "1970", "é", "٣",
            ])

        private static let zones = [
            "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia",
            "Asia/Kathmandu", "Antarctica/Troll",
        ]

        @Test("is refused, or due at moments that fit it, each after the one before and none left out")
        func due() async throws {
            let fuzzer = Fuzzer<Question>(name: "cron", inputs: 3_000, literal: { "\($0)" }) { random in
                Question(
                    text: String(decoding: Self.mutator.input(&random), as: UTF8.self), zone: random.one(of: Self.zones),
                    moment: random.integer(),
                    share: Int64(random.below(1_000)))
            }
            try await fuzzer.run { try Self.check($0) }
        }

        private static func check(_ question: Question) throws {
            let expression: CronExpression
            do {
                expression = try CronExpression(question.text)
            } catch {
                guard error.category == .configuration, error.code == "invalid_cron" else { throw Finding("is refused with \(error)") }
                return
            }
            let zone = try ScheduleTimeZone(question.zone)
            var moment = question.moment
            for _ in 0..<3 {
                guard let next = expression.next(after: moment, in: zone) else {
                    if let later = expression.next(after: moment / 2 + CronExpression.end / 2, in: zone), later > moment {
                        throw Finding("is never due after \(moment), and then it is due at \(later)")
                    }
                    return
                }
                guard next > moment, next < CronExpression.end, next % 1_000 == 0 else {
                    throw Finding("is due at \(next) after \(moment)")
                }
                try checkFit(of: expression, at: Int(next / 1_000), in: zone)
                // Asked at any moment before that, it says the same.
                let (distance, overflowed) = next.subtractingReportingOverflow(moment)
                if !overflowed {
                    let between = moment + distance / 1_000 * question.share
                    let again = expression.next(after: between, in: zone)
                    guard again == next else {
                        throw Finding("is due at \(next) after \(moment), and after \(between) at \(again.map(String.init) ?? "no time")")
                    }
                }
                moment = next
            }
        }

        /// What the clock on the wall shows then is what the expression names; in the moment the clock is changed, it may be what was skipped.
        private static func checkFit(of expression: CronExpression, at second: Int, in zone: ScheduleTimeZone) throws {
            let offset = zone.offset(at: second)
            guard offset == zone.offset(at: second - 1) else { return }
            let wall = second + offset
            let day = wall >= 0 ? wall / 86_400 : (wall - 86_399) / 86_400
            let time = wall - day * 86_400
            guard expression.fits(dayNumber: day), expression.firstTime(in: time..<(time + 1)) == time else {
                throw Finding("is due at \(second) s, when the clock shows \(CivilDate(dayNumber: day)), \(time) s")
            }
        }
    }
}
