"""The whole table: which role may do what. Every door names one of these permissions."""

from enum import StrEnum


class Role(StrEnum):
    OUTREACH = "outreach"
    LAB = "lab"
    INSTRUMENT = "instrument"
    COORDINATOR = "coordinator"
    OPERATOR = "operator"


class Permission(StrEnum):
    LOOK_AROUND = "look_around"  # vocabulary, languages, documentation, the start page, signing in
    HOLD_A_CODE = "hold_a_code"  # whoever holds a pickup code reads that one answer
    ASK_HEALTH = "ask_health"
    SIGN_OUT = "sign_out"
    TAKE_IN = "take_in"
    TAKE_BACK = "take_back"
    READ_SAMPLES = "read_samples"
    READ_ANSWERS = "read_answers"  # finding, messages, card
    ISSUE_CODES = "issue_codes"
    REPORT_ASSAY = "report_assay"  # outreach: first tests of its own site
    IMPORT_ASSAYS = "import_assays"  # whole files of a laboratory or its instrument
    CLOSE_SAMPLE = "close_sample"  # no answer will come, and why
    TYPE_ASSAY = "type_assay"  # at the bench, whose page shows what the bench may see
    WITHDRAW_ASSAY = "withdraw_assay"
    EXPLAIN_NAMES = "explain_names"  # which substance an unknown name means
    DECLARE_PANELS = "declare_panels"  # what a method looks for
    PRINT_LABELS = "print_labels"
    SEND_MATERIAL = "send_material"
    KEEP_MATERIAL = "keep_material"  # received, destroyed
    SEE_TABLET = "see_tablet"
    SEE_BENCH = "see_bench"
    SEE_SURVEY = "see_survey"
    READ_OPEN_DATA = "read_open_data"  # blunted: anyone
    SEE_CALIBRATION = "see_calibration"
    READ_NOTICES = "read_notices"  # warnings in force, by those who speak with people
    PUBLISH_NOTICES = "publish_notices"
    EXPORT_DATA = "export_data"


PUBLIC = frozenset(
    {
        Permission.LOOK_AROUND,
        Permission.HOLD_A_CODE,
        Permission.ASK_HEALTH,
        Permission.READ_OPEN_DATA,
    }
)

TABLE: dict[Permission, frozenset[Role]] = {
    Permission.SIGN_OUT: frozenset(Role),
    Permission.TAKE_IN: frozenset({Role.OUTREACH}),
    Permission.TAKE_BACK: frozenset({Role.OUTREACH}),
    Permission.READ_SAMPLES: frozenset({Role.OUTREACH, Role.COORDINATOR}),
    Permission.READ_ANSWERS: frozenset({Role.OUTREACH}),
    Permission.ISSUE_CODES: frozenset({Role.OUTREACH}),
    Permission.REPORT_ASSAY: frozenset({Role.LAB, Role.INSTRUMENT, Role.OUTREACH}),
    Permission.IMPORT_ASSAYS: frozenset({Role.LAB, Role.INSTRUMENT}),
    Permission.CLOSE_SAMPLE: frozenset({Role.LAB, Role.OUTREACH}),
    Permission.TYPE_ASSAY: frozenset({Role.LAB}),
    Permission.WITHDRAW_ASSAY: frozenset({Role.LAB}),
    Permission.EXPLAIN_NAMES: frozenset({Role.LAB}),
    Permission.DECLARE_PANELS: frozenset({Role.LAB}),
    Permission.PRINT_LABELS: frozenset({Role.OUTREACH, Role.LAB}),
    Permission.SEND_MATERIAL: frozenset({Role.OUTREACH}),
    Permission.KEEP_MATERIAL: frozenset({Role.LAB}),
    Permission.SEE_TABLET: frozenset({Role.OUTREACH}),
    Permission.SEE_BENCH: frozenset({Role.LAB}),
    Permission.SEE_SURVEY: frozenset({Role.COORDINATOR}),
    Permission.SEE_CALIBRATION: frozenset({Role.COORDINATOR}),
    Permission.READ_NOTICES: frozenset({Role.OUTREACH, Role.LAB, Role.COORDINATOR}),
    Permission.PUBLISH_NOTICES: frozenset({Role.COORDINATOR}),
    Permission.EXPORT_DATA: frozenset({Role.COORDINATOR}),
}


def may(role: Role, permission: Permission) -> bool:
    return permission in PUBLIC or role in TABLE[permission]
