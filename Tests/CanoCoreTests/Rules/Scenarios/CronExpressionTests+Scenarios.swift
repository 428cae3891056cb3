import CanoCore
import Foundation
import RuleFixture

extension CronExpressionTests {
    func strictlyAfter() throws -> Facts {
        var facts: Facts = [:]
        facts["next when due now"] = try Self.due("30 2 * * *", after: "2024-05-05T02:30:00Z", 1)
        let expression = try CronExpression("* * * * * *")
        facts["after 999"] = expression.next(after: 999, in: .utc)
        facts["after 1000"] = expression.next(after: 1000, in: .utc)
        facts["after -1"] = expression.next(after: -1, in: .utc)
        return facts
    }

    func never() throws -> Facts {
        var facts: Facts = [:]
        facts["in a past year"] = try Self.due("0 0 0 * * * 2020", after: "2024-05-05T00:00:00Z", 1)
        facts["after 2099"] = try Self.due("* * * * *", after: "2099-12-31T23:59:00Z", 1)
        let expression = try CronExpression("* * * * *")
        facts["after the last moment"] = expression.next(after: .max, in: try ScheduleTimeZone("Asia/Tokyo"))
        facts["never after the first moment"] = expression.next(after: .min, in: try ScheduleTimeZone("Asia/Tokyo")) == nil
        return facts
    }
}
