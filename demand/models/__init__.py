"""Tables of demand, by subject; import them from here."""

from demand.models.actuals import ActualMonth, ActualRestatement, ActualSeries
from demand.models.cleansing import Cleansing
from demand.models.confirmations import FamilyConfirmation
from demand.models.exceptions import AnswerKind, ExceptionAnswer, ExceptionKind
from demand.models.ledger import NAMES_OR_UNDOES, Edit, EditKind, EditLine, Intent
from demand.models.pipeline import Opportunity, OpportunityExclusion
from demand.models.planning import SegmentForecast, Series
from demand.models.proposals import CarriedAcceptance, EditProposal, ProposalAnswer, ProposalState
from demand.models.workbooks import ReturnedWorkbook

__all__ = [
    "NAMES_OR_UNDOES",
    "ActualMonth",
    "ActualRestatement",
    "ActualSeries",
    "AnswerKind",
    "CarriedAcceptance",
    "Cleansing",
    "Edit",
    "EditKind",
    "EditLine",
    "EditProposal",
    "ExceptionAnswer",
    "ExceptionKind",
    "FamilyConfirmation",
    "Intent",
    "Opportunity",
    "OpportunityExclusion",
    "ProposalAnswer",
    "ProposalState",
    "ReturnedWorkbook",
    "SegmentForecast",
    "Series",
]
