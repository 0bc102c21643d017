"""Addresses of supply."""

from django.urls import path

from supply.views import answers, review

app_name = "supply"

urlpatterns = [
    path("supply/<str:number>/", review.review, name="review"),
    path("supply/<str:number>/solve/", review.solve, name="solve"),
    path("supply/<str:number>/pins/new/", answers.pin, name="pin"),
    path("supply/<str:number>/pins/<int:pin_id>/release/", answers.release, name="release"),
    path("supply/<str:number>/overloads/", answers.decide_all, name="decide_all"),
    path("supply/<str:number>/overloads/<int:centre_id>/<str:month>/", answers.decide, name="decide"),
]
