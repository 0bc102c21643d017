"""Addresses of supply."""

from django.urls import path

from supply.views import answers, checks, inventory, items, loads, options, review

app_name = "supply"

urlpatterns = [
    path("supply/<str:number>/", review.review, name="review"),
    path("supply/<str:number>/solve/", review.solve, name="solve"),
    path("supply/<str:number>/stop/", review.stop, name="stop"),
    path("supply/<str:number>/pins/new/", answers.pin, name="pin"),
    path("supply/<str:number>/pins/<int:pin_id>/release/", answers.release, name="release"),
    path("supply/<str:number>/overloads/", answers.decide_all, name="decide_all"),
    path("supply/<str:number>/overloads/<int:centre_id>/<str:month>/", answers.decide, name="decide"),
    path("supply/<str:number>/inventory/", inventory.inventory, name="inventory"),
    path("supply/<str:number>/inventory.csv", inventory.inventory_csv, name="inventory_csv"),
    path("supply/<str:number>/checks/", checks.checks, name="checks"),
    path("supply/<str:number>/checks.csv", checks.checks_csv, name="checks_csv"),
    path("supply/<str:number>/requirements/", checks.requirements, name="requirements"),
    path("supply/<str:number>/requirements.csv", checks.requirements_csv, name="requirements_csv"),
    path("supply/<str:number>/items/<path:code>/", items.item, name="item"),
    path("supply/<str:number>/loads/<str:centre>/<str:month>/", loads.load, name="load"),
    path("supply/<str:number>/options/", options.price, name="price"),
    path("supply/<str:number>/options/<int:item_id>/ask/", options.put, name="put"),
    path("supply/<str:number>/options/<int:item_id>/carry-out/", options.carry, name="carry_out"),
    path("supply/<str:number>/options/<int:item_id>/<str:choice>/", options.choose, name="choose"),
]
