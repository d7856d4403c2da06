"""The tables of this room, one module for each thing. Import them from here."""

from concerns.models.assignment import Assignment, AssignmentQuerySet, Handover
from concerns.models.case import ExternalCase
from concerns.models.category import Category, Question
from concerns.models.commitment import Commitment, CommitmentQuerySet
from concerns.models.concern import Concern, ConcernQuerySet, ConcernUpdate
from concerns.models.desk import BulkItem, BulkMove, ReplyTemplate, SavedFilter
from concerns.models.fixed_news import FixedNews
from concerns.models.follower import Follower
from concerns.models.look import Look
from concerns.models.photo import Photo
from concerns.models.proposal import Proposal
from concerns.models.routing import RoutingRule

__all__ = [
    "Assignment", "AssignmentQuerySet", "BulkItem", "BulkMove", "Category", "Commitment", "CommitmentQuerySet",
    "Concern", "ConcernQuerySet", "ConcernUpdate", "ExternalCase", "FixedNews", "Follower", "Handover", "Look", "Photo",
    "Proposal", "Question", "ReplyTemplate", "RoutingRule", "SavedFilter",
]  # fmt: skip
